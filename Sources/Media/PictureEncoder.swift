internal import CFFmpeg

/// Pictures as PNG files in memory: thumbnails of a report.
public enum PictureEncoder {
    /// Encodes the first picture of a buffer, or any RGB bytes `[H, W, 3]`.
    ///
    /// - Throws: `unsupported` if this FFmpeg was built without a PNG encoder.
    public static func png(_ picture: FrameBuffer) throws(MediaError) -> [UInt8] {
        let frame = try frame(picture)
        guard let codec = avcodec_find_encoder(AV_CODEC_ID_PNG),
            let context = avcodec_alloc_context3(codec)
        else { throw failure("no PNG encoder is there") }
        var owned: UnsafeMutablePointer<AVCodecContext>? = context
        defer { avcodec_free_context(&owned) }
        context.pointee.width = Int32(picture.width)
        context.pointee.height = Int32(picture.height)
        context.pointee.pix_fmt = AV_PIX_FMT_RGB24
        context.pointee.time_base = AVRational(num: 1, den: 1)
        let packet = try Packet(path: "picture")
        guard avcodec_open2(context, codec, nil) == 0,
            avcodec_send_frame(context, frame.pointer) == 0,
            avcodec_receive_packet(context, packet.pointer) == 0,
            let data = packet.pointer.pointee.data
        else { throw failure("the PNG encoder refused a picture") }
        return withExtendedLifetime((frame, packet)) {
            Array(UnsafeBufferPointer(start: data, count: Int(packet.pointer.pointee.size)))
        }
    }

    private static func frame(_ picture: FrameBuffer) throws(MediaError) -> Frame {
        let frame = try Frame(rgbWidth: picture.width, height: picture.height, path: "picture")
        let stride = Int(frame.pointer.pointee.linesize.0)
        guard let rows = frame.pointer.pointee.data.0 else { throw .outOfMemory("picture") }
        let width = picture.width * 3
        // Safe because the frame has room for `height` rows of `stride` bytes, at least `width` each.
        picture.bytes.withUnsafeBufferPointer { bytes in
            guard let start = bytes.baseAddress else { return }
            for row in 0..<picture.height {
                (rows + row * stride).update(from: start + row * width, count: width)
            }
        }
        return frame
    }

    private static func failure(_ problem: String) -> MediaError {
        MediaError(
            kind: .unsupported,
            file: "picture",
            problem: problem,
            fix: "install FFmpeg with its usual encoders"
        )
    }
}
