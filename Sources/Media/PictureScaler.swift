internal import CFFmpeg

/// Turns decoded pictures into sRGB bytes of the wanted size, laid as they are shown.
///
/// The colour matrix and range are the file's own; a file that does not name its matrix has
/// BT.709 from 720 lines on and BT.601 below. Primaries and brightness curves are left as they are.
final class PictureScaler {
    private let path: String
    private let geometry: FrameGeometry
    private let orientation: Orientation
    private let toSize: PictureConverter
    /// First pass for pictures whose sides cut blocks of chroma; made when one comes.
    private var toRGB: PictureConverter?

    init(_ geometry: FrameGeometry, _ orientation: Orientation, path: String) throws(MediaError) {
        self.geometry = geometry
        self.orientation = orientation
        self.path = path
        let (width, height) = (geometry.scaledWidth, geometry.scaledHeight)
        toSize = try PictureConverter(
            width: orientation.isTransposed ? height : width,
            height: orientation.isTransposed ? width : height,
            path: path
        )
    }

    /// Bytes of one picture of the result.
    var pictureBytes: Int { geometry.cropWidth * geometry.cropHeight * 3 }

    /// Writes `[H, W, 3]` bytes of a picture to `bytes`, from `offset` on.
    func write(
        _ frame: Frame,
        isStill: Bool,
        into bytes: inout [UInt8],
        at offset: Int
    ) throws(MediaError) {
        let source = try wholeBlocks(frame, isStill: isStill) ?? frame
        let scaled = try toSize.convert(source, isStill: isStill)
        copy(scaled, into: &bytes, at: offset)
    }

    /// The picture as RGB in its own size, if its chroma must be kept in place; nil otherwise.
    private func wholeBlocks(_ frame: Frame, isStill: Bool) throws(MediaError) -> Frame? {
        var isNeeded: Int32 = 0
        let padded = cffmpeg_whole_blocks(frame.pointer, &isNeeded)
        guard isNeeded != 0 else { return nil }
        guard let padded else { throw .outOfMemory(path) }
        let source = Frame(adopting: padded)
        let (width, height) = (Int(padded.pointee.width), Int(padded.pointee.height))
        let converter: PictureConverter
        if let toRGB, toRGB.width == width, toRGB.height == height {
            converter = toRGB
        } else {
            converter = try PictureConverter(width: width, height: height, path: path)
            toRGB = converter
        }
        let result = try converter.convert(source, isStill: isStill)
        result.pointer.pointee.width = frame.pointer.pointee.width
        result.pointer.pointee.height = frame.pointer.pointee.height
        return result
    }

    /// Cuts the crop out of the scaled picture, turning and mirroring on the way.
    private func copy(_ scaled: Frame, into bytes: inout [UInt8], at offset: Int) {
        // Safe because the frame holds all rows of the scaled picture, and `FrameGeometry.check`
        // keeps the crop inside of it.
        let rows = UnsafePointer<UInt8>(scaled.pointer.pointee.data.0)
        guard let rows else { return }
        let stride = Int(scaled.pointer.pointee.linesize.0)
        let walk = PixelWalk(geometry, orientation, stride: stride)
        var to = offset
        bytes.withUnsafeMutableBufferPointer { bytes in
            for y in 0..<geometry.cropHeight {
                if walk.right == 3, let start = bytes.baseAddress {
                    let row = geometry.cropWidth * 3
                    (start + to).update(from: rows + walk.start + y * walk.down, count: row)
                    to += row
                    continue
                }
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
        withExtendedLifetime(scaled) {}
    }
}
