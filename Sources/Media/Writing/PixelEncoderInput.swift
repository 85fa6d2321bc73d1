internal import CFFmpeg

/// Turns pictures of a buffer into frames in the format of an encoder.
final class PixelEncoderInput {
    /// How bytes become brightness and colours.
    struct Colour {
        var matrix: Int32
        var isFullRange: Bool
        /// Whether chroma lies beside the left pixel of its block, as in video, or in the middle.
        var isChromaLeft: Bool

        /// Video: BT.709, 16...235.
        static let video = Colour(matrix: SWS_CS_ITU709, isFullRange: false, isChromaLeft: true)
        /// JPEG: BT.601, 0...255.
        static let jpeg = Colour(matrix: SWS_CS_ITU601, isFullRange: true, isChromaLeft: false)
    }

    private let format: AVPixelFormat
    private let (width, height): (Int, Int)
    private let path: String
    private let scaler: UnsafeMutableRawPointer
    /// Holds a picture behind which there is nothing: vector code reads a little past the end.
    private let last: Frame

    init(
        _ format: AVPixelFormat,
        _ colour: Colour,
        width: Int,
        height: Int,
        path: String
    ) throws(MediaError) {
        (self.format, self.width, self.height, self.path) = (format, width, height, path)
        last = try Frame(rgbWidth: width, height: height, path: path)
        let settings = cffmpeg_colour(
            matrix: colour.matrix,
            full_range: colour.isFullRange ? 1 : 0,
            chroma_x: colour.isChromaLeft ? 0 : -513,
            chroma_y: colour.isChromaLeft ? 128 : -513
        )
        let made = cffmpeg_make_encoder_scaler(Int32(width), Int32(height), format, settings)
        guard let made else {
            throw MediaError(
                kind: .unsupported,
                file: path,
                problem: "pictures of \(width)x\(height) pixels cannot be converted to "
                    + pixelFormatName(format.rawValue),
                fix: "use another size"
            )
        }
        scaler = made
    }

    deinit { cffmpeg_free_scaler(scaler) }

    /// A new frame with one picture of a buffer of the size that this was made for.
    func frame(_ index: Int, of pictures: FrameBuffer) throws(MediaError) -> Frame {
        let frame = try Frame(path: path)
        frame.pointer.pointee.format = format.rawValue
        frame.pointer.pointee.width = Int32(width)
        frame.pointer.pointee.height = Int32(height)
        guard av_frame_get_buffer(frame.pointer, 0) == 0 else { throw .outOfMemory(path) }
        let isLast = index == pictures.frameCount - 1
        // Safe because the picture's rows lie inside of the buffer, and another picture follows
        // them, or they are copied.
        let rows = pictures.bytes.withUnsafeBufferPointer { bytes -> Int32 in
            guard let start = bytes.baseAddress.map({ $0 + index * width * height * 3 }) else {
                return -1
            }
            if isLast {
                last.copyRows(from: start)
                return cffmpeg_scale(scaler, last.pointer, frame.pointer)
            }
            let stride = Int32(width * 3)
            return cffmpeg_scale_pixels(scaler, start, Int32(height), stride, frame.pointer)
        }
        guard rows == Int32(height) else { throw .outOfMemory(path) }
        return frame
    }
}
