internal import Media

/// The size a clip is trained at, and how its pictures are scaled and cropped to get there.
public struct Bucket: Sendable, Hashable {
    /// Width after scaling, in pixels, before the crop.
    public let scaledWidth: Int
    /// Height after scaling, in pixels, before the crop.
    public let scaledHeight: Int
    /// Left edge of the crop, in scaled pixels.
    public let cropX: Int
    /// Top edge of the crop, in scaled pixels.
    public let cropY: Int
    /// Width that is trained on; the divisor divides it.
    public let width: Int
    /// Height that is trained on; the divisor divides it.
    public let height: Int
    /// Scaled size divided by source size; above 1 the picture is enlarged.
    public let enlargement: Double

    /// Chooses the bucket for a picture of `width` × `height` pixels.
    ///
    /// The picture's area is only ever reduced, to `resolution²` at most; of the four sizes around
    /// the exact one the nearest in area wins. The picture then covers the bucket, and what stands
    /// out is cropped.
    ///
    /// - Parameters:
    ///   - width: source width in pixels, after rotation, above zero.
    ///   - height: source height in pixels, after rotation, above zero.
    ///   - resolution: side in pixels of the square with the largest area allowed.
    ///   - divisor: what must divide both sides: the checkpoint's spatial factor.
    ///   - crop: where the crop lies, and whether it is square.
    /// - Source: ai-toolkit's bucket rules, as `resolution:` users know them.
    public init(
        width: Int,
        height: Int,
        resolution: Int,
        divisor: Int,
        crop: CropRule = .centered
    ) {
        let (wide, high) =
            crop.isSquare
            ? Bucket.square(resolution, divisor: divisor)
            : Bucket.nearest(width, height, resolution: resolution, divisor: divisor)
        (scaledWidth, scaledHeight) = FrameGeometry.size(
            of: (width, height),
            covering: (wide, high)
        )
        enlargement = max(Double(wide) / Double(width), Double(high) / Double(height))
        cropX = Int(Double(scaledWidth - wide) * crop.horizontal)
        cropY = Int(Double(scaledHeight - high) * crop.vertical)
        self.width = wide
        self.height = high
    }

    private static func square(_ resolution: Int, divisor: Int) -> (Int, Int) {
        let side = max(divisor, resolution / divisor * divisor)
        return (side, side)
    }

    /// Of the sizes around the exact one, the first that is nearest in area and not too large.
    private static func nearest(
        _ width: Int,
        _ height: Int,
        resolution: Int,
        divisor: Int
    ) -> (Int, Int) {
        let limit = resolution * resolution
        let target = min(width * height, limit)
        let shrink = (Double(target) / Double(width * height)).squareRoot()
        let across = Double(width) * shrink / Double(divisor)
        let down = Double(height) * shrink / Double(divisor)
        let columns = [Int(across), Int(across.rounded(.up))]
        let rows = [Int(down), Int(down.rounded(.up))]
        let sizes = columns.flatMap { column in
            rows.map { (column * divisor, $0 * divisor) }
        }
        let allowed = sizes.filter { $0.0 > 0 && $0.1 > 0 && $0.0 * $0.1 <= limit }
        let best = allowed.min { abs($0.0 * $0.1 - target) < abs($1.0 * $1.1 - target) }
        return best ?? (max(divisor, columns[0] * divisor), max(divisor, rows[0] * divisor))
    }
}

/// Where the crop lies in the scaled picture.
public struct CropRule: Sendable, Hashable {
    /// Whether the crop is a square with the resolution as its side.
    public var isSquare: Bool
    /// Share of the spare width left of the crop, 0...1.
    public var horizontal: Double
    /// Share of the spare height above the crop, 0...1.
    public var vertical: Double

    /// Makes a rule; without arguments the middle of the picture in its own shape.
    public init(isSquare: Bool = false, horizontal: Double = 0.5, vertical: Double = 0.5) {
        self.isSquare = isSquare
        self.horizontal = horizontal
        self.vertical = vertical
    }

    /// The middle of the picture, in its own shape.
    public static let centered = CropRule()
}
