import ClipCache
import Foundation
import LTXModel
import Testing
import Torch

@testable import Training

/// Noise levels and what they are mixed into.
@Suite("Noise") struct NoiseTests {
    private func noisy(
        _ items: [TrainingItem],
        _ change: (inout FlowMatching.Options) -> Void = { _ in }
    ) throws -> NoisyBatch {
        var options = FlowMatching.Options()
        change(&options)
        return try FlowMatching(options: options, device: .cpu, seed: 7)
            .noisy(TrainingFixture.batch(items), at: FlowMatching.Place(step: 3, part: 0))
    }

    @Test("tokens are a mixture of clean and noise, the target is their difference")
    func mixture() throws {
        try withTorchErrors {
            let items = try [
                TrainingFixture.item("a", seed: 1), TrainingFixture.item("b", seed: 2),
            ]
            let batch = try noisy(items)
            for (index, item) in items.enumerated() {
                let clean = Tensor(item.video.values, shape: [4, 12]).transpose(0, 1)  // [T, C]
                let sigma = batch.video.sigmas[index]
                // x = clean + σ (noise − clean)
                let expected = clean + batch.video.target.select(0, index) * sigma
                #expect(
                    batch.video.tokens.select(0, index).relativeDifference(from: expected) < 1e-5
                )
            }
            let noise =
                batch.video.target.select(0, 0)
                + Tensor(items[0].video.values, shape: [4, 12]).transpose(0, 1)
            #expect(abs(noise.mean().item()) < 0.5)
            #expect(batch.video.sigmas != batch.audio?.sigmas)
            #expect(batch.video.shares.sum([1]).floats().allSatisfy { abs($0 - 1) < 1e-6 })
            #expect(batch.video.itemWeights == [0.5, 0.5])
        }
    }

    @Test("the same step draws the same noise, every step and part its own")
    func reproducible() throws {
        try withTorchErrors {
            let batch = try TrainingFixture.batch([TrainingFixture.item("a", seed: 1)])
            let noise = FlowMatching(options: FlowMatching.Options(), device: .cpu, seed: 7)
            func tokens(_ step: Int, _ part: Int) throws -> [Float] {
                try noise.noisy(batch, at: FlowMatching.Place(step: step, part: part))
                    .video.tokens.floats()
            }
            #expect(try tokens(1, 0) == tokens(1, 0))
            #expect(try tokens(1, 0) != tokens(2, 0))
            #expect(try tokens(1, 0) != tokens(1, 1))
        }
    }

    @Test("a clip without sound beside one with sound gets pure noise and no audio loss")
    func withoutSound() throws {
        try withTorchErrors {
            let batch = try noisy([
                TrainingFixture.item("a", seed: 1), TrainingFixture.item("b", seed: 2, sound: nil),
            ])
            let audio = try #require(batch.audio)
            #expect(batch.learnsAudio)
            #expect(audio.sigmas[1] == 1 && audio.sigmas[0] < 1)
            #expect(audio.shares.sum([1]).floats().map { ($0 * 1000).rounded() } == [1000, 0])
            #expect(audio.itemWeights == [1, 0])
            // At σ = 1 the tokens are the noise alone, whatever the clip.
            #expect(
                audio.tokens.select(0, 1).relativeDifference(from: audio.target.select(0, 1)) == 0
            )
            let wrong = audio.target.clone()
            withoutGradients { wrong.select(0, 1).add(Tensor.full([7, 8], 5)) }
            #expect(audio.errors(of: wrong).floats() == [0, 0])
        }
    }

    @Test("shorter sound is padded, hidden and not learned")
    func shorterSound() throws {
        try withTorchErrors {
            let batch = try noisy([
                TrainingFixture.item("a", seed: 1), TrainingFixture.item("b", seed: 2, sound: 5),
            ])
            let audio = try #require(batch.audio)
            #expect(audio.mask?.select(0, 0).floats() == [1, 1, 1, 1, 1, 1, 1])
            #expect(audio.mask?.select(0, 1).floats() == [1, 1, 1, 1, 1, 0, 0])
            #expect(audio.shares.select(0, 1).floats() == [0.2, 0.2, 0.2, 0.2, 0.2, 0, 0])
            #expect(audio.itemWeights == [0.5, 0.5])
        }
    }

    @Test("a batch without sound in a run with sound learns no sound")
    func silentBatch() throws {
        try withTorchErrors {
            let items = [try TrainingFixture.item("a", seed: 1, sound: nil)]
            let batch = try noisy(items) { $0.audioChannels = 8 }
            #expect(!batch.learnsAudio)
            #expect(batch.audio?.sigmas == [1])
            // 17 pictures at 24 per second last 17.7 audio latents.
            #expect(batch.audio?.tokens.shape == [1, 18, 8])
            #expect(try noisy(items) { $0.hasSound = false }.audio == nil)
        }
    }

    @Test("a given first picture is clean, has noise level 0 and no loss")
    func firstFrame() throws {
        try withTorchErrors {
            let item = try TrainingFixture.item("a", seed: 1, firstFrame: 1)
            let batch = try noisy([item, TrainingFixture.item("b", seed: 2)])
            let clean = Tensor(item.video.values, shape: [4, 12]).transpose(0, 1)
            let given = batch.video.tokens.select(0, 0).narrow(0, from: 0, count: 4)
            #expect(given.relativeDifference(from: clean.narrow(0, from: 0, count: 4)) == 0)
            let sigmas = try #require(batch.video.tokenSigmas)
            #expect(sigmas[0].prefix(4).allSatisfy { $0 == 0 })
            #expect(sigmas[0].dropFirst(4).allSatisfy { $0 == Float(batch.video.sigmas[0]) })
            #expect(sigmas[1].allSatisfy { $0 == Float(batch.video.sigmas[1]) })
            let weights = batch.video.shares.select(0, 0).floats()
            #expect(weights.prefix(4).allSatisfy { $0 == 0 })
            #expect(weights.dropFirst(4).allSatisfy { $0 == 0.125 })
        }
    }

    @Test("multipliers and level weights scale an item's loss")
    func multipliers() throws {
        try withTorchErrors {
            let batch = try noisy([TrainingFixture.item("a", seed: 1, multiplier: 3)]) {
                $0.sigmas = WeightedSigmas()
            }
            let weight = 3 * WeightedSigmas().weight(at: batch.video.sigmas[0])
            #expect(abs(batch.video.itemWeights[0] - weight) < 1e-9)
            let errors = batch.video.errors(of: batch.video.target + 2)
            #expect(abs(errors.item() - 4) < 1e-5)
            #expect(abs(batch.video.loss(errors).item() - 4 * weight) < 1e-4)
        }
    }

    @Test("sound can share the picture's noise level")
    func sharedSigma() throws {
        try withTorchErrors {
            let batch = try noisy([TrainingFixture.item("a", seed: 1)]) { $0.audioSigmas = .shared }
            #expect(batch.audio?.sigmas == batch.video.sigmas)
        }
    }

    @Test("a single picture is never given for nothing")
    func onePicture() throws {
        try withTorchErrors {
            let item = try TrainingFixture.item("a", seed: 1, sound: nil, frames: 1, firstFrame: 1)
            let batch = try noisy([item]) { $0.hasSound = false }
            #expect(batch.video.tokenSigmas == nil)
            #expect(abs(batch.video.shares.sum().item() - 1) < 1e-6)
        }
    }

    @Test("the two noise offsets and the multiplier change noise and target alike, by channel")
    func offsets() throws {
        try withTorchErrors {
            let item = try TrainingFixture.item("a", seed: 1)
            let clean = Tensor(item.video.values, shape: [4, 12]).transpose(0, 1)  // [T, C]
            func noise(_ change: (inout FlowMatching.Options) -> Void) throws -> Tensor {
                try noisy([item], change).video.target.select(0, 0) + clean
            }
            let plain = try noise { _ in }
            // One number per channel, the same for all tokens.
            let offset = try noise { $0.noiseOffset = 0.5 } - plain
            #expect(
                (offset - offset.narrow(0, from: 0, count: 1)).absolute().largest().item() < 1e-5
            )
            #expect(offset.select(0, 0).absolute().smallest().item() > 1e-3)
            let dynamic = try noise { $0.dynamicNoiseOffset = true } - plain
            let means = clean.mean([0], keep: true) * 0.5
            #expect((dynamic - means).absolute().largest().item() < 1e-5)
            let louder = try noise { $0.noiseMultiplier = 1.5 }
            #expect(louder.relativeDifference(from: plain * 1.5) < 1e-5)
        }
    }

    @Test("regularisation batches have their own noise levels and no dynamic offset")
    func regularisation() throws {
        try withTorchErrors {
            var settings = TrainingItem.Settings()
            settings.isRegularisation = true
            let plain = try TrainingFixture.item("a", seed: 1)
            let item = try TrainingFixture.item("a", seed: 1, settings: settings)
            let change: (inout FlowMatching.Options) -> Void = {
                $0.regularisationSigmas = UniformSigmas()
                $0.dynamicNoiseOffset = true
            }
            let batch = try noisy([item], change)
            #expect(batch.video.sigmas != (try noisy([plain], change).video.sigmas))
            #expect(batch.video.target.bytes() == (try noisy([plain]).video.target.bytes()))
        }
    }

    @Test("measuring has one noise level for both modalities and draws nothing")
    func measuring() throws {
        try withTorchErrors {
            let noise = FlowMatching(options: FlowMatching.Options(), device: .cpu, seed: 7)
            let items = try [
                TrainingFixture.item("a", seed: 1, firstFrame: 1, multiplier: 3),
                TrainingFixture.item("b", seed: 2),
            ]
            let place = FlowMatching.Place(step: -1, part: 0, sigma: 0.375)
            let batch = try noise.noisy(TrainingFixture.batch(items), at: place)
            #expect(batch.video.sigmas == [0.375, 0.375] && batch.audio?.sigmas == [0.375, 0.375])
            #expect(batch.video.itemWeights == [0.5, 0.5] && batch.video.tokenSigmas == nil)
        }
    }
}
