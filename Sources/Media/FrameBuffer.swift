/// Decoded pictures: sRGB bytes in the order `[T, H, W, 3]`.
public struct FrameBuffer: Sendable, Equatable {
    /// Number of pictures, T.
    public let frameCount: Int
    /// Rows of a picture, H.
    public let height: Int
    /// Columns of a picture, W.
    public let width: Int
    /// Red, green, blue, 0...255.
    public let bytes: [UInt8]  // [T, H, W, 3]

    /// Wraps bytes that are in the order `[T, H, W, 3]`.
    public init(frameCount: Int, height: Int, width: Int, bytes: [UInt8]) {
        precondition(bytes.count == frameCount * height * width * 3, "bytes must be [T, H, W, 3]")
        self.frameCount = frameCount
        self.height = height
        self.width = width
        self.bytes = bytes
    }
}

/// How a shown picture becomes one of the size that is trained on: scale, then crop, then flip.
public struct FrameGeometry: Sendable, Equatable {
    /// Width of the whole picture after scaling, in pixels.
    public var scaledWidth: Int
    /// Height of the whole picture after scaling, in pixels.
    public var scaledHeight: Int
    /// Left edge of the crop in the scaled picture.
    public var cropX: Int
    /// Upper edge of the crop in the scaled picture.
    public var cropY: Int
    /// Width of the crop, and of the result.
    public var cropWidth: Int
    /// Height of the crop, and of the result.
    public var cropHeight: Int
    /// Whether left and right are swapped after the crop.
    public var flipX: Bool
    /// Whether top and bottom are swapped after the crop.
    public var flipY: Bool

    /// Makes a geometry from its parts.
    public init(
        scaledWidth: Int,
        scaledHeight: Int,
        cropX: Int,
        cropY: Int,
        cropWidth: Int,
        cropHeight: Int,
        flipX: Bool = false,
        flipY: Bool = false
    ) {
        self.scaledWidth = scaledWidth
        self.scaledHeight = scaledHeight
        self.cropX = cropX
        self.cropY = cropY
        self.cropWidth = cropWidth
        self.cropHeight = cropHeight
        self.flipX = flipX
        self.flipY = flipY
    }

    /// The size of a picture that is scaled, in its own shape, until it just covers another size.
    public static func size(
        of source: (width: Int, height: Int),
        covering size: (width: Int, height: Int)
    ) -> (width: Int, height: Int) {
        func dividedUp(_ dividend: Int, by divisor: Int) -> Int {
            (dividend + divisor - 1) / divisor
        }
        // Compared as products of whole numbers: a quotient's rounding must not add a column.
        return size.width * source.height >= size.height * source.width
            ? (size.width, dividedUp(size.width * source.height, by: source.width))
            : (dividedUp(size.height * source.width, by: source.height), size.height)
    }

    /// The largest side that is accepted, so that no size computation can overflow.
    static let largestSide = 16384

    func check(for file: String) throws(MediaError) {
        let sides = 1...Self.largestSide
        let fits =
            sides.contains(scaledWidth) && sides.contains(scaledHeight)
            && cropX >= 0 && cropY >= 0 && cropWidth > 0 && cropHeight > 0
            && cropWidth <= scaledWidth && cropX <= scaledWidth - cropWidth
            && cropHeight <= scaledHeight && cropY <= scaledHeight - cropHeight
        guard !fits else { return }
        throw MediaError(
            kind: .invalidRequest,
            file: file,
            problem: "a crop of \(cropWidth)x\(cropHeight) at (\(cropX), \(cropY)) is not inside "
                + "the scaled picture of \(scaledWidth)x\(scaledHeight)",
            fix: "use sides from 1 to \(Self.largestSide) and a crop inside the scaled picture"
        )
    }
}
