/// How much of a video is decoded at once: what bounds the memory.
///
/// In time a video is cut without any loss. In space it is cut into tiles only where a side is longer
/// than `side`; what a tile cannot see beyond its border is hidden by blending overlaps.
public struct VideoTiling: Equatable, Sendable {
    /// About so many pixels of the result go through the layers in one piece.
    public var pixelsAtOnce: Int
    /// Longest side of a tile, in pixels; a longer picture is cut.
    public var side: Int
    /// Pixels that neighbouring tiles share at least; half of a side at most.
    public var overlap: Int

    /// Pieces for a device with 16 GB.
    ///
    /// With this overlap tiny decoders of random weights, to which borders matter most, differ from the whole
    /// by 0.3 % of the range at most; with 256 by up to 23 %.
    public init(pixelsAtOnce: Int = 4 << 20, side: Int = 1536, overlap: Int = 512) {
        self.pixelsAtOnce = pixelsAtOnce
        self.side = side
        self.overlap = overlap
    }

    /// The whole video in one piece.
    public static let whole = VideoTiling(pixelsAtOnce: .max, side: .max, overlap: 0)
}

/// Where the tiles of one axis lie, in latents; all are of one length.
struct TileAxis: Equatable {
    /// First latent of each tile.
    let starts: [Int]
    /// Latents of each tile.
    let length: Int

    /// Cuts `count` latents into as few tiles as `longest` and `overlap` allow, as short as that many can be.
    init(count: Int, longest: Int, overlap: Int) {
        guard count > longest else {
            (starts, length) = ([0], count)
            return
        }
        let shared = max(1, min(overlap, longest / 2))
        let longest = max(longest, shared + 1)
        let number = (count - shared + longest - shared - 1) / (longest - shared)
        let length = (count + (number - 1) * shared + number - 1) / number
        starts = (0..<number).map { min($0 * (length - shared), count - length) }
        self.length = length
    }

    /// The weight of each pixel of a tile: 1 inside, falling to 0 where a neighbour takes over.
    ///
    /// Only the middle of an overlap counts for both: near its border a tile knows least.
    func weights(of tile: Int, factor: Int) -> [Float] {
        let size = length * factor
        var weights = Array(repeating: Float(1), count: size)
        if tile > 0 {
            let shared = (starts[tile - 1] + length - starts[tile]) * factor
            for pixel in 0..<shared { weights[pixel] *= Self.rise(pixel, of: shared) }
        }
        if tile < starts.count - 1 {
            let shared = (starts[tile] + length - starts[tile + 1]) * factor
            for pixel in 0..<shared {
                weights[size - shared + pixel] *= 1 - Self.rise(pixel, of: shared)
            }
        }
        return weights
    }

    /// From 0 to 1 over the middle quarter of an overlap.
    private static func rise(_ pixel: Int, of shared: Int) -> Float {
        let place = (Float(pixel) + 0.5) / Float(shared)
        return min(1, max(0, 4 * place - 1.5))
    }
}
