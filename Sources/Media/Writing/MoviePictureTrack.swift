internal import CFFmpeg

/// The H.264 stream of a movie.
final class MoviePictureTrack {
    let pictures: MoviePictures
    let rate: ExactRate
    private(set) var frameCount = 0
    private let path: String
    private let encoder: StreamEncoder
    private let input: PixelEncoderInput
    private let file: MovieFile
    private let stream: Int32

    init(_ pictures: MoviePictures, threads: Int, _ file: MovieFile, path: String)
        throws(MediaError)
    {
        self.pictures = pictures
        self.path = path
        self.file = file
        rate = try pictures.check(for: path)
        input = try PixelEncoderInput(
            AV_PIX_FMT_YUV420P,
            .video,
            width: pictures.width,
            height: pictures.height,
            path: path
        )
        encoder = try StreamEncoder(named: "libx264", for: "an mp4 with pictures", path: path)
        Self.setUp(encoder, pictures, rate, threads)
        try encoder.open()
        stream = try file.addStream(encoder)
    }

    private static func setUp(
        _ encoder: StreamEncoder,
        _ pictures: MoviePictures,
        _ rate: ExactRate,
        _ threads: Int
    ) {
        let context = encoder.context
        context.pointee.width = Int32(pictures.width)
        context.pointee.height = Int32(pictures.height)
        context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        context.pointee.time_base = AVRational(
            num: Int32(rate.denominator),
            den: Int32(rate.numerator)
        )
        context.pointee.framerate = AVRational(
            num: Int32(rate.numerator),
            den: Int32(rate.denominator)
        )
        // A key picture each second, so that a player can jump.
        context.pointee.gop_size = Int32(max(1, rate.value.rounded()))
        context.pointee.thread_count = Int32(threads)
        context.pointee.flags |= Int32(AV_CODEC_FLAG_GLOBAL_HEADER)
        context.pointee.color_range = AVCOL_RANGE_MPEG
        context.pointee.colorspace = AVCOL_SPC_BT709
        context.pointee.color_primaries = AVCOL_PRI_BT709
        context.pointee.color_trc = AVCOL_TRC_BT709
        context.pointee.chroma_sample_location = AVCHROMA_LOC_LEFT
        encoder.set("preset", "medium")
        encoder.set("crf", "\(pictures.quality)")
    }

    /// Encodes all pictures of a buffer.
    func append(_ frames: FrameBuffer) throws(MediaError) {
        guard frames.width == pictures.width, frames.height == pictures.height else {
            throw .cannotWrite(
                path,
                "pictures of \(frames.width)x\(frames.height) pixels came for a movie of "
                    + "\(pictures.width)x\(pictures.height)",
                "give all pictures the movie's size"
            )
        }
        for index in 0..<frames.frameCount {
            let frame = try input.frame(index, of: frames)
            frame.pointer.pointee.pts = Int64(frameCount)
            try encode(frame)
            frameCount += 1
        }
    }

    /// Writes the pictures that the encoder has held back.
    func finish() throws(MediaError) { try encode(nil) }

    private func encode(_ frame: Frame?) throws(MediaError) {
        try encoder.encode(frame) { packet throws(MediaError) in
            // A tick is a picture; without it the last picture would have no length.
            packet.pointer.pointee.duration = 1
            try file.write(packet, stream, encoder)
        }
    }
}
