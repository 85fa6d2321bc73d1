import Foundation
import Safetensors
import Testing
import Torch

@testable import LTXModel

/// Against pictures recorded from diffusers' `AutoencoderKLLTX2Video`.
@Suite("Video decoder") struct VideoDecoderTests {
    static func decoder(
        _ version: String,
        diffusers: Bool = false,
        dtype: DType = .float32
    ) throws -> VideoDecoder {
        let name = diffusers ? "ltx\(version)_diffusers" : "ltx\(version)_single.safetensors"
        let checkpoint = try Checkpoint(anyPartOf: "\(Fixture.folder)/\(name)")
        return try checkpoint.videoDecoder(dtype: dtype, device: .cpu)
    }

    private func pictures(
        _ decoder: VideoDecoder,
        _ latent: Tensor,
        _ tiling: VideoTiling = .whole
    ) throws -> [Tensor] {
        var pieces: [Tensor] = []
        try decoder.pictures(of: latent, tiling: tiling) { pieces.append($0) }
        return pieces
    }

    @Test(
        "pictures agree with the reference in both layouts, and one picture alone",
        arguments: ["20", "23"],
        [false, true]
    )
    func recorded(version: String, diffusers: Bool) throws {
        let recording = try Recording("ltx\(version)_vae_io")
        let decoder = try Self.decoder(version, diffusers: diffusers)
        let latent = try recording.tensor("dec.latent")
        try running {
            let all = try pictures(decoder, latent)
            #expect(all.count == 1)
            try recording.expect(all[0], agreesWith: "dec.video")
            let one = try pictures(decoder, latent.narrow(2, from: 0, count: 1))
            try recording.expect(one[0], agreesWith: "dec.video_1f")
        }
    }

    @Test("a decoder that is told the noise of its latents agrees with the reference")
    func conditioned() throws {
        let recording = try Recording("ltx20_vae_tcond_io")
        let decoder = try Self.decoder("20_vae_tcond")
        #expect(decoder.isConditioned)
        #expect(decoder.configuration.timestep == 0.05)
        try running {
            let found = try pictures(decoder, recording.tensor("dec.latent"))
            try recording.expect(found[0], agreesWith: "dec.video")
        }
    }

    @Test("normalised latents of the encoder are what it takes", arguments: ["20", "23"])
    func normalised(version: String) throws {
        let recording = try Recording("ltx\(version)_vae_io")
        let decoder = try Self.decoder(version)
        try running {
            let mean = try recording.tensor("norm.enc_mean")  // [1, 4, 2, 1, 2]
            let latent = Tensor.concatenate([mean, mean], axis: 3)
            let plain = try recording.tensor("enc.mean")
            let direct = try pictures(decoder, Tensor.concatenate([plain, plain], axis: 3))
            let decoded = try decoder.decode(latent)
            #expect(decoded.shape == [1, 3, 9, 64, 64])
            #expect(decoded.relativeDifference(from: direct[0]) < 1e-5)
        }
    }

    @Test("noise is mixed into the latents as the reference does, and a seed decides it")
    func noise() throws {
        let decoder = try Self.decoder("20_vae_tcond")
        try running {
            let latent = try RandomGenerator(seed: 3).normal([1, 4, 2, 2, 2])
            let first = try decoder.decode(latent, random: RandomGenerator(seed: 9))
            let second = try decoder.decode(latent, random: RandomGenerator(seed: 9))
            let other = try decoder.decode(latent, random: RandomGenerator(seed: 10))
            #expect(first.floats() == second.floats())
            #expect(other.relativeDifference(from: first) > 1e-3)
            let noise = try RandomGenerator(seed: 9).normal(latent.shape)
            let plain = decoder.statistics.denormalized(latent, axis: 1)
            let mixed = noise * 0.025 + plain * 0.975
            #expect(try pictures(decoder, mixed)[0].relativeDifference(from: first) < 1e-6)
            #expect(
                throws: ModelInputError(
                    "video decoder: is told the noise of its latents, should get a random generator "
                        + "for that noise; pass one made from the seed"
                )
            ) { try decoder.decode(latent) }
        }
    }

    // In float64: random weights blow a rounding of float32 up to some 1e-5.
    @Test(
        "a video in pieces gives the pictures of the whole, each computed once",
        arguments: ["20", "23", "20_vae_tcond"],
        [1, 64 * 96 * 3, 64 * 96 * 20]
    )
    func pieces(version: String, pixels: Int) throws {
        let decoder = try Self.decoder(version, dtype: .float64)
        try running {
            let latent = try RandomGenerator(seed: 5).normal([1, 4, 6, 2, 3])
            let whole = try pictures(decoder, latent)
            #expect(whole.count == 1 && whole[0].shape == [1, 3, 41, 64, 96])
            let parts = try pictures(decoder, latent, VideoTiling(pixelsAtOnce: pixels))
            // The last piece of a layer brings what it had kept back.
            let most = max(1, pixels / (64 * 96)) + 1
            #expect(parts.allSatisfy { $0.size(2) <= most })
            #expect(parts.count >= 41 / most)
            let joined = Tensor.concatenate(parts, axis: 2)
            #expect(joined.relativeDifference(from: whole[0]) < 2e-7)
        }
    }

    @Test("every length of a video survives pieces", arguments: [1, 2, 3, 4])
    func lengths(frames: Int) throws {
        for version in ["20", "23"] {
            let decoder = try Self.decoder(version, dtype: .float64)
            try running {
                let latent = try RandomGenerator(seed: 6).normal([2, 4, frames, 2, 2])
                let whole = try pictures(decoder, latent)[0]
                #expect(whole.shape == [2, 3, 8 * (frames - 1) + 1, 64, 64])
                let parts = try pictures(decoder, latent, VideoTiling(pixelsAtOnce: 1))
                let joined = Tensor.concatenate(parts, axis: 2)
                #expect(joined.relativeDifference(from: whole) < 2e-7)
            }
        }
    }

    @Test("in float32 pieces differ by rounding alone", arguments: ["20", "23"])
    func rounding(version: String) throws {
        let decoder = try Self.decoder(version)
        try running {
            let latent = try RandomGenerator(seed: 5).normal([1, 4, 4, 2, 3])
            let whole = try pictures(decoder, latent)[0]
            let parts = try pictures(decoder, latent, VideoTiling(pixelsAtOnce: 1))
            #expect(Tensor.concatenate(parts, axis: 2).relativeDifference(from: whole) < 1e-4)
        }
    }

    @Test(
        "in bfloat16 the pictures are float32 and near those of float32",
        arguments: ["20", "23"]
    )
    func halves(version: String) throws {
        let recording = try Recording("ltx\(version)_vae_io")
        let decoder = try Self.decoder(version, dtype: .bfloat16)
        try running {
            let found = try pictures(decoder, recording.tensor("dec.latent"))[0]
            #expect(found.dtype == .float32)
            let reference = try recording.tensor("dec.video")
            let difference = (found - reference).absolute().mean().item()
            let size = reference.absolute().mean().item()
            #expect(difference < 0.05 * size && difference > 1e-5 * size)
        }
    }

    @Test("latents that do not fit are refused", arguments: [[1, 3, 1, 2, 2], [4, 1, 2, 2]])
    func sizes(shape: [Int]) throws {
        let decoder = try Self.decoder("23")
        #expect(
            throws: ModelInputError(
                "video decoder: got \(shape), should be [B, 4, frames, rows and columns of at least 1]; use "
                    + "latents of this checkpoint"
            )
        ) { try decoder.decode(Tensor.zeros(shape)) }
    }

    @Test("a border is reflected only where there is something to reflect")
    func reflected() throws {
        let decoder = try Self.decoder("20")
        #expect(decoder.configuration.padding == .reflect)
        #expect(
            throws: ModelInputError(
                "video decoder: got [1, 4, 1, 1, 2], should be [B, 4, frames, rows and columns of at least "
                    + "2]; use latents of this checkpoint"
            )
        ) { try decoder.decode(Tensor.zeros([1, 4, 1, 1, 2])) }
    }

    @Test("an error of the receiver ends the decoding")
    func receiver() throws {
        struct Full: Error {}
        let decoder = try Self.decoder("23")
        var count = 0
        #expect(throws: Full.self) {
            let latent = try RandomGenerator(seed: 1).normal([1, 4, 3, 2, 2])
            try decoder.decode(latent, tiling: VideoTiling(pixelsAtOnce: 1)) { _ in
                count += 1
                if count == 2 { throw Full() }
            }
        }
        #expect(count == 2)
    }

    private static func peak(frames: Int) throws -> Int {
        let decoder = try Self.decoder("23")
        let latent = try withTorchErrors {
            try RandomGenerator(seed: 2).normal([1, 4, 1, 4, 4]).repeated([1, 1, frames, 1, 1])
        }
        Device.cpu.resetPeakMemory()
        let before = Device.cpu.usedMemory
        try decoder.decode(latent, tiling: VideoTiling(pixelsAtOnce: 128 * 128 * 8)) { _ in }
        return Device.cpu.peakMemory - before
    }

    @Test("memory does not grow with the length of the video")
    func memory() async {
        await #expect(processExitsWith: .success) {
            let (short, long) = try (Self.peak(frames: 12), Self.peak(frames: 48))
            #expect(Double(long) < Double(short) * 1.05)
            // One piece of everything would need four times as much.
            let pictures = 8 * 47 * 3 * 128 * 128 * 4
            #expect(long < pictures)
        }
    }
}
