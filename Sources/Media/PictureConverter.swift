internal import CFFmpeg

/// Converts pictures to packed RGB of one size.
final class PictureConverter {
    let width: Int
    let height: Int
    private let path: String
    private let converted: Frame
    private var scaler: UnsafeMutableRawPointer?
    private var source: PictureSource?

    init(width: Int, height: Int, path: String) throws(MediaError) {
        self.width = width
        self.height = height
        self.path = path
        converted = try Frame(rgbWidth: width, height: height, path: path)
    }

    deinit { cffmpeg_free_scaler(scaler) }

    /// Converts a picture; the result is valid until the next call.
    func convert(_ frame: Frame, isStill: Bool) throws(MediaError) -> Frame {
        let source = PictureSource(frame.pointer.pointee, isStill: isStill)
        if source != self.source { try prepare(for: source, frame) }
        let rows = cffmpeg_scale(scaler, frame.pointer, converted.pointer)
        guard rows == height else { throw cannotConvert(source) }
        return converted
    }

    private func prepare(for source: PictureSource, _ frame: Frame) throws(MediaError) {
        cffmpeg_free_scaler(scaler)
        let colour = cffmpeg_colour(
            matrix: source.matrix,
            full_range: source.isFullRange,
            chroma_x: source.chromaX,
            chroma_y: source.chromaY
        )
        scaler = cffmpeg_make_scaler(frame.pointer, Int32(width), Int32(height), colour)
        guard scaler != nil else { throw cannotConvert(source) }
        self.source = source
    }

    private func cannotConvert(_ source: PictureSource) -> MediaError {
        MediaError(
            kind: .unsupported,
            file: path,
            problem: "a picture of \(source.width)x\(source.height) pixels in the format "
                + "\(pixelFormatName(source.format)) cannot be converted to RGB",
            fix: "convert the file to H.264 with yuv420p"
        )
    }
}
