import Testing
import Torch

@testable import LTXModel

/// Tiles beside each other, against the picture at once.
@Suite("Tiles of the video decoder") struct VideoTilingTests {
    private static let tiling = VideoTiling(pixelsAtOnce: 1 << 16, side: 384, overlap: 192)

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
    private func smooth(_ shape: [Int]) -> Tensor {
        let down = Tensor.linspace(0, 3, count: shape[3]).unsqueeze(1)
        let across = Tensor.linspace(0, 5, count: shape[4]).unsqueeze(0)
        let channels = (0..<shape[1]).map { channel in
            (down * Double(channel + 1) + across).sin()
        }
        return Tensor.stack(channels).unsqueeze(1).unsqueeze(0)
            .repeated([shape[0], 1, shape[2], 1, 1])
    }

    @Test("smooth latents", arguments: ["20", "23", "20_vae_tcond"])
    func smoothLatents(version: String) throws {
        let found = try error(version, try withTorchErrors { smooth([1, 4, 3, 16, 20]) })
        print("TILES smooth \(version): \(found)")
        #expect(found < 0.02)
        #expect(found > 0)
    }

    @Test("random latents", arguments: ["20", "23", "20_vae_tcond"])
    func randomLatents(version: String) throws {
        let latent = try withTorchErrors { try RandomGenerator(seed: 7).normal([1, 4, 3, 16, 20]) }
        for (side, overlap) in [
            (256, 128), (320, 128), (384, 192), (448, 192), (448, 224), (512, 256),
        ] {
            let t = VideoTiling(pixelsAtOnce: 1 << 16, side: side, overlap: overlap)
            print(
                "TILES \(version) \(side) \(overlap)",
                try error(version, latent, t),
                try error(version, withTorchErrors { smooth([1, 4, 3, 16, 20]) }, t)
            )
        }
        let found = try error(version, latent)
        #expect(found < 0.02)
        #expect(found > 0)
    }
}
