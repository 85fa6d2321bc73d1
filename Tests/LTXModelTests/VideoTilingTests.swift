import Testing
import Torch

@testable import LTXModel

/// Tiles beside each other, against the picture at once.
@Suite("Tiles of the video decoder") struct VideoTilingTests {
    private static let tiling = VideoTiling(pixelsAtOnce: 1 << 18, side: 1024, overlap: 512)

    /// Largest difference to the untiled result, as a share of its full range.
    private func error(
        _ version: String,
        _ latent: Tensor,
        _ tiling: VideoTiling = Self.tiling
    ) throws -> Double {
        let decoder = try VideoDecoderTests.decoder(version)
        return try running {
            let whole = try decoder.decode(latent, random: RandomGenerator(seed: 1))
            var pieces: [Tensor] = []
            try decoder.decode(latent, tiling: tiling, random: RandomGenerator(seed: 1)) {
                pieces.append($0)
            }
            let tiled = Tensor.concatenate(pieces, axis: 2)
            #expect(tiled.shape == whole.shape)
            let range = whole.largest().item() - whole.smallest().item()
            return (tiled - whole).absolute().largest().item() / range
        }
    }

    /// Slow waves, different in every channel.
    private func waves(_ shape: [Int]) -> Tensor {
        let down = Tensor.linspace(0, Double(shape[3]) / 6, count: shape[3]).unsqueeze(1)
        let across = Tensor.linspace(0, Double(shape[4]) / 4, count: shape[4]).unsqueeze(0)
        let channels = (0..<shape[1]).map { channel in
            (down * Double(channel + 1) + across).sin()
        }
        return Tensor.stack(channels).unsqueeze(1).unsqueeze(0)
            .repeated([shape[0], 1, shape[2], 1, 1])
    }

    @Test(
        "tiles differ from the whole by less than 2 % of the range, whatever the latents",
        arguments: ["20", "23", "20_vae_tcond"],
        [[1, 4, 2, 3, 52], [1, 4, 2, 52, 3], [1, 4, 1, 34, 34]]
    )
    func near(version: String, shape: [Int]) throws {
        let random = try withTorchErrors { try RandomGenerator(seed: 7).normal(shape) }
        let smooth = try withTorchErrors { waves(shape) }
        for (name, latent) in [("random", random), ("smooth", smooth)] {
            let found = try error(version, latent)
            #expect(found < 0.02, "\(name)")
            #expect(found > 0, "\(name)")
        }
    }

    @Test("without overlap the seams show")
    func seams() throws {
        let latent = try withTorchErrors { try RandomGenerator(seed: 7).normal([1, 4, 1, 3, 20]) }
        let rough = VideoTiling(pixelsAtOnce: 1 << 18, side: 384, overlap: 0)
        #expect(try error("23", latent, rough) > 0.05)
    }

    @Test("a picture that fits in one tile is exact")
    func whole() throws {
        let latent = try withTorchErrors { try RandomGenerator(seed: 7).normal([1, 4, 1, 3, 4]) }
        #expect(try error("23", latent) < 1e-4)
    }

    @Test("tiles cover an axis, share what is asked, and their weights sum to 1")
    func axes() {
        for (count, longest, overlap) in [(52, 32, 16), (60, 48, 16), (33, 32, 16), (100, 20, 3)] {
            let axis = TileAxis(count: count, longest: longest, overlap: overlap)
            #expect(axis.length <= longest)
            #expect(axis.starts.first == 0 && axis.starts.last == count - axis.length)
            #expect(
                zip(axis.starts, axis.starts.dropFirst()).allSatisfy {
                    $0 + axis.length - $1 >= overlap
                }
            )
            var sums = Array(repeating: Float(0), count: count * 4)
            for (tile, start) in axis.starts.enumerated() {
                for (pixel, weight) in axis.weights(of: tile, factor: 4).enumerated() {
                    sums[start * 4 + pixel] += weight
                }
            }
            #expect(sums.allSatisfy { abs($0 - 1) < 1e-5 })
        }
        #expect(TileAxis(count: 7, longest: 8, overlap: 4).starts == [0])
    }
}
