internal import CFFmpeg

/// Turns decoded pictures into sRGB bytes of the wanted size, laid as they are shown.
///
/// The colour matrix and range are the file's own; a file that does not name its matrix has
/// BT.709 from 720 lines on and BT.601 below. Primaries and brightness curves are left as they are.
final class PictureScaler {
    private let path: String
    private let geometry: FrameGeometry
    private let orientation: Orientation
    private let scaled: Frame
    private var scaler: UnsafeMutableRawPointer?
    private var source: PictureSource?

    init(_ geometry: FrameGeometry, _ orientation: Orientation, path: String) throws(MediaError) {
        self.geometry = geometry
        self.orientation = orientation
        self.path = path
        let (width, height) = (geometry.scaledWidth, geometry.scaledHeight)
        scaled = try Frame(
            rgbWidth: orientation.isTransposed ? height : width,
            height: orientation.isTransposed ? width : height, path: path)
    }

    deinit { cffmpeg_free_scaler(scaler) }

    /// Bytes of one picture of the result.
    var pictureBytes: Int { geometry.cropWidth * geometry.cropHeight * 3 }

    /// Writes `[H, W, 3]` bytes of a picture to `bytes`, from `offset` on.
    func write(
        _ frame: Frame,
        isStill: Bool,
        into bytes: inout [UInt8],
        at offset: Int
    ) throws(MediaError) {
        let source = PictureSource(frame.pointer.pointee, isStill: isStill)
        if source != self.source { try prepare(for: source, frame) }
        let rows = cffmpeg_scale(scaler, frame.pointer, scaled.pointer)
        guard rows == scaled.pointer.pointee.height else { throw cannotConvert(source) }
        copy(into: &bytes, at: offset)
    }

    private func prepare(for source: PictureSource, _ frame: Frame) throws(MediaError) {
        cffmpeg_free_scaler(scaler)
        let target = scaled.pointer.pointee
        let colour = cffmpeg_colour(
            matrix: source.matrix, full_range: source.isFullRange,
            chroma_x: source.chromaX, chroma_y: source.chromaY)
        scaler = cffmpeg_make_scaler(frame.pointer, target.width, target.height, colour)
        guard scaler != nil else { throw cannotConvert(source) }
        self.source = source
    }

    private func cannotConvert(_ source: PictureSource) -> MediaError {
        MediaError(
            kind: .unsupported, file: path,
            problem: "a picture of \(source.width)x\(source.height) pixels in the format "
                + "\(pixelFormatName(source.format)) cannot be converted to RGB",
            fix: "convert the file to H.264 with yuv420p")
    }

    /// Cuts the crop out of the scaled picture, turning and mirroring on the way.
    private func copy(into bytes: inout [UInt8], at offset: Int) {
        // Safe because the frame holds all rows of the scaled picture, and `FrameGeometry.check`
        // keeps the crop inside of it.
        let rows = UnsafePointer<UInt8>(scaled.pointer.pointee.data.0)
        guard let rows else { return }
        let stride = Int(scaled.pointer.pointee.linesize.0)
        let walk = PixelWalk(geometry, orientation, stride: stride)
        var to = offset
        bytes.withUnsafeMutableBufferPointer { bytes in
            for y in 0..<geometry.cropHeight {
                var from = walk.start + y * walk.down
                for _ in 0..<geometry.cropWidth {
                    bytes[to] = rows[from]
                    bytes[to + 1] = rows[from + 1]
                    bytes[to + 2] = rows[from + 2]
                    to += 3
                    from += walk.right
                }
            }
        }
    }
}

/// How to walk over the bytes of a stored picture so that its pixels come in shown order.
struct PixelWalk {
    /// Offset of the pixel that is shown at the upper left of the crop.
    let start: Int
    /// Bytes from a pixel to the one shown to the right of it.
    let right: Int
    /// Bytes from a pixel to the one shown below it.
    let down: Int

    init(_ geometry: FrameGeometry, _ orientation: Orientation, stride: Int) {
        let (width, height) = (geometry.scaledWidth, geometry.scaledHeight)
        var right = orientation.isTransposed ? stride : 3
        var down = orientation.isTransposed ? 3 : stride
        var start = 0
        if orientation.isMirroredX { (start, right) = (start + (width - 1) * right, -right) }
        if orientation.isMirroredY { (start, down) = (start + (height - 1) * down, -down) }
        start += geometry.cropX * right + geometry.cropY * down
        if geometry.flipX { (start, right) = (start + (geometry.cropWidth - 1) * right, -right) }
        if geometry.flipY { (start, down) = (start + (geometry.cropHeight - 1) * down, -down) }
        (self.start, self.right, self.down) = (start, right, down)
    }
}
