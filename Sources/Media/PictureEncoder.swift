internal import CFFmpeg

/// Pictures as files in memory: PNG, JPEG and WebP.
public enum PictureEncoder {
    /// Encodes the first picture of a buffer, or any RGB bytes `[H, W, 3]`, as PNG.
    ///
    /// - Throws: `unsupported` if this FFmpeg was built without a PNG encoder.
    public static func png(_ picture: FrameBuffer) throws(MediaError) -> [UInt8] {
        try encode(picture, as: .png)
    }

    /// Encodes one picture of a buffer.
    ///
    /// - Parameters:
    ///   - picture: one or more pictures.
    ///   - format: of the file.
    ///   - index: which picture, counted from 0.
    ///   - path: a name for messages.
    /// - Returns: the bytes of the file.
    /// - Throws: `unsupported` if this FFmpeg was built without the format's encoder;
    ///   `invalidRequest` for a picture that is not there.
    public static func encode(
        _ picture: FrameBuffer,
        as format: PictureFormat,
        index: Int = 0,
        path: String = "picture"
    ) throws(MediaError) -> [UInt8] {
        guard (0..<picture.frameCount).contains(index) else {
            throw MediaError(
                kind: .invalidRequest,
                file: path,
                problem: "picture \(index) is to be written and there are \(picture.frameCount), "
                    + "counted from 0",
                fix: "choose one of these"
            )
        }
        let encoder = try StreamEncoder(named: format.encoder, for: format.name, path: path)
        encoder.context.pointee.width = Int32(picture.width)
        encoder.context.pointee.height = Int32(picture.height)
        encoder.context.pointee.time_base = AVRational(num: 1, den: 1)
        try format.setUp(encoder, path: path)
        try encoder.open()
        let input = try PixelEncoderInput(
            encoder.context.pointee.pix_fmt,
            .jpeg,
            width: picture.width,
            height: picture.height,
            path: path
        )
        let frame = try input.frame(index, of: picture)
        format.setUp(frame)
        return try bytes(of: frame, encoder)
    }

    private static func bytes(
        of frame: Frame,
        _ encoder: StreamEncoder
    ) throws(MediaError) -> [UInt8] {
        var bytes: [UInt8] = []
        let take = { (packet: Packet) throws(MediaError) in
            let data = UnsafeBufferPointer(
                start: packet.pointer.pointee.data,
                count: Int(packet.pointer.pointee.size)
            )
            bytes += data
        }
        try encoder.encode(frame, into: take)
        try encoder.encode(nil, into: take)
        return bytes
    }
}

extension PictureFormat {
    /// Pixel format and quality, before the encoder is opened.
    fileprivate func setUp(_ encoder: StreamEncoder, path: String) throws(MediaError) {
        let context = encoder.context
        switch self {
        case .png:
            context.pointee.pix_fmt = AV_PIX_FMT_RGB24
        case .jpeg(let quality):
            context.pointee.pix_fmt = AV_PIX_FMT_YUVJ444P
            context.pointee.color_range = AVCOL_RANGE_JPEG
            context.pointee.flags |= Int32(AV_CODEC_FLAG_QSCALE)
            let tables = JPEGTables(quality: quality)
            guard cffmpeg_set_quantisation(context, tables.luma, tables.chroma) == 0 else {
                throw .outOfMemory(path)
            }
        case .webp(let quality):
            // The memory order of 0xAARRGGBB, which libwebp turns into its own colours.
            context.pointee.pix_fmt = AV_PIX_FMT_BGRA
            encoder.set("quality", "\(min(100, max(0, quality)))")
        }
    }

    /// What the encoder wants of each picture.
    fileprivate func setUp(_ frame: Frame) {
        guard case .jpeg = self else { return }
        // The tables are given for a scale of 8 eighths.
        frame.pointer.pointee.quality = Int32(8 * FF_QP2LAMBDA)
    }
}
