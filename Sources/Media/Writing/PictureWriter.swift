/// Writes pictures into files of their own: png, jpg or webp, by the file's name.
public enum PictureWriter {
    /// Writes one picture of a buffer.
    ///
    /// - Parameters:
    ///   - pictures: one or more pictures.
    ///   - index: which one, counted from 0.
    ///   - path: of the file, which ends with `.png`, `.jpg`, `.jpeg` or `.webp`; an existing one
    ///     is replaced.
    ///   - quality: of JPEG and WebP, up to 100.
    /// - Throws: `notWritable` for another ending, and where the file cannot be written.
    public static func write(
        _ pictures: FrameBuffer,
        index: Int = 0,
        to path: String,
        quality: Int = 90
    ) throws(MediaError) {
        guard let format = PictureFormat(path: path, quality: quality) else {
            throw .cannotWrite(
                path,
                "the name does not tell the kind of picture",
                "let it end with .png, .jpg or .webp"
            )
        }
        let draft = try DraftFile(path)
        try draft.write(PictureEncoder.encode(pictures, as: format, index: index, path: path))
    }

    /// Writes the middle of a picture, a square of `side` pixels, as JPEG of quality 90.
    ///
    /// The shorter side of the picture is scaled to `side`, up or down.
    ///
    /// - Parameters:
    ///   - pictures: one or more pictures.
    ///   - index: which one, counted from 0.
    ///   - path: of the file; an existing one is replaced.
    ///   - side: of the square.
    /// - Throws: `notWritable` where the file cannot be written.
    public static func writeThumbnail(
        _ pictures: FrameBuffer,
        index: Int = 0,
        to path: String,
        side: Int = 300
    ) throws(MediaError) {
        let draft = try DraftFile(path)
        let square = try thumbnail(pictures, index: index, side: side, path: path)
        try draft.write(PictureEncoder.encode(square, as: .jpeg(quality: 90), path: path))
    }

    /// The middle of a picture as a square of `side` pixels.
    static func thumbnail(
        _ pictures: FrameBuffer,
        index: Int,
        side: Int,
        path: String
    ) throws(MediaError) -> FrameBuffer {
        let scale = Double(side) / Double(max(1, min(pictures.width, pictures.height)))
        let width = max(side, Int((Double(pictures.width) * scale).rounded()))
        let height = max(side, Int((Double(pictures.height) * scale).rounded()))
        let geometry = FrameGeometry(
            scaledWidth: width,
            scaledHeight: height,
            cropX: (width - side) / 2,
            cropY: (height - side) / 2,
            cropWidth: side,
            cropHeight: side
        )
        try geometry.check(for: path)
        let scaler = try PictureScaler(geometry, Orientation(), path: path)
        let frame = try Frame(pictures, index: index, path: path)
        var bytes = [UInt8](repeating: 0, count: scaler.pictureBytes)
        try scaler.write(frame, isStill: true, into: &bytes, at: 0)
        return FrameBuffer(frameCount: 1, height: side, width: side, bytes: bytes)
    }
}

/// Writes pictures as a sequence of files, `000001.png` and so on, into a folder.
///
/// Each file appears whole; files of an earlier sequence that has more pictures stay.
public struct PictureSequenceWriter {
    /// The folder.
    public let folder: String
    /// Number of pictures that were written.
    public private(set) var count = 0

    /// Starts a sequence in a folder that exists.
    public init(folder: String) { self.folder = folder }

    /// Writes all pictures of a buffer, numbered on from the last one.
    ///
    /// - Throws: `notWritable` where a file cannot be written; those before it stay.
    public mutating func append(_ pictures: FrameBuffer) throws(MediaError) {
        for index in 0..<pictures.frameCount {
            let number = String(count + 1)
            let name = String(repeating: "0", count: max(0, 6 - number.count)) + number + ".png"
            try PictureWriter.write(pictures, index: index, to: folder + "/" + name)
            count += 1
        }
    }
}
