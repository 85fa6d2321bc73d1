import ClipCache
import Foundation
import LTXModel
import Testing
import Torch

@testable import Training

/// Noise levels and what they are mixed into.
@Suite("Noise") struct NoiseTests {
    private func share(_ sigmas: [Double], below limit: Double) -> Double {
        Double(sigmas.count { $0 < limit }) / Double(sigmas.count)
    }

    private func drawn(_ distribution: any SigmaDistribution) throws -> [Double] {
        try withTorchErrors { distribution.draw(100_000, random: try RandomGenerator(seed: 3)) }
    }

    @Test("sigmoid draws are the logistic function of normal numbers")
    func sigmoid() throws {
        let sigmas = try drawn(SigmoidSigmas())
        for limit in [0.1, 0.25, 0.5, 0.75, 0.9] {
            let expected = 0.5 * (1 + erf(log(limit / (1 - limit)) / 2.0.squareRoot()))
            #expect(abs(share(sigmas, below: limit) - expected) < 0.01)
        }
    }

    @Test("uniform and linear draws spread evenly")
    func linear() throws {
        for distribution: any SigmaDistribution in [
            UniformSigmas(), LinearSigmas(), WeightedSigmas(),
        ] {
            let sigmas = try drawn(distribution)
            for limit in [0.1, 0.5, 0.9] {
                #expect(abs(share(sigmas, below: limit) - limit) < 0.01)
            }
        }
        let table = try drawn(LinearSigmas())
        #expect(table.max() == 1 && table.min() == 0.002)
        #expect(table.allSatisfy { abs($0 * 1000 - ($0 * 1000).rounded()) < 1e-9 })
    }

    @Test("the weighted distribution favours high noise and counts 1 on average")
    func weighted() throws {
        let distribution = WeightedSigmas()
        let sigmas = try drawn(distribution)
        let mean = sigmas.reduce(0) { $0 + distribution.weight(at: $1) } / Double(sigmas.count)
        #expect(abs(mean - 1) < 0.02)
        #expect(distribution.weight(at: 1) == 0.906)
        #expect(abs(distribution.weight(at: 0.875) - 1.522) < 1e-9)
        #expect(abs(distribution.weight(at: 0.4625) - 0.876) < 1e-9)  // between two knots
        #expect(distribution.weight(at: 0.001) == 0.447)
        #expect(distribution.weight(at: 0) == 0.447)
        #expect(SigmoidSigmas().weight(at: 0.3) == 1)
    }

    private func noisy(
        _ items: [TrainingItem],
        _ change: (inout FlowMatching.Options) -> Void = { _ in }
    ) throws -> NoisyBatch {
        var options = FlowMatching.Options()
        change(&options)
        return try FlowMatching(options: options, device: .cpu, seed: 7)
            .noisy(TrainingFixture.batch(items), step: 3, part: 0)
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
            #expect(batch.video.weights.sum([1]).floats().allSatisfy { abs($0 - 0.5) < 1e-6 })
        }
    }

    @Test("the same step draws the same noise, every step and part its own")
    func reproducible() throws {
        try withTorchErrors {
            let batch = try TrainingFixture.batch([TrainingFixture.item("a", seed: 1)])
            let noise = FlowMatching(options: FlowMatching.Options(), device: .cpu, seed: 7)
            func tokens(_ step: Int, _ part: Int) throws -> [Float] {
                try noise.noisy(batch, step: step, part: part).video.tokens.floats()
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
            #expect(audio.weights.sum([1]).floats().map { ($0 * 1000).rounded() } == [1000, 0])
            // At σ = 1 the tokens are the noise alone, whatever the clip.
            #expect(
                audio.tokens.select(0, 1).relativeDifference(from: audio.target.select(0, 1)) == 0
            )
            let wrong = audio.target.clone()
            withoutGradients { wrong.select(0, 1).add(Tensor.full([7, 8], 5)) }
            #expect(audio.loss(wrong).item() == 0)
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
            #expect(audio.weights.select(0, 1).floats() == [0.1, 0.1, 0.1, 0.1, 0.1, 0, 0])
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
            let weights = batch.video.weights.select(0, 0).floats()
            #expect(weights.prefix(4).allSatisfy { $0 == 0 })
            #expect(weights.dropFirst(4).allSatisfy { $0 == 0.0625 })
        }
    }

    @Test("multipliers and level weights scale an item's loss")
    func multipliers() throws {
        try withTorchErrors {
            let batch = try noisy([TrainingFixture.item("a", seed: 1, multiplier: 3)]) {
                $0.sigmas = WeightedSigmas()
            }
            let weight = 3 * WeightedSigmas().weight(at: batch.video.sigmas[0])
            #expect(abs(batch.video.weights.sum().item() - weight) < 1e-5)
            let shifted = batch.video.target + 2
            #expect(abs(batch.video.loss(shifted).item() - 4 * weight) < 1e-4)
        }
    }

    @Test("sound can share the picture's noise level")
    func sharedSigma() throws {
        try withTorchErrors {
            let batch = try noisy([TrainingFixture.item("a", seed: 1)]) { $0.audioSigmas = nil }
            #expect(batch.audio?.sigmas == batch.video.sigmas)
        }
    }

    @Test("the audio weight follows running means of both losses")
    func audioWeight() {
        var weight = AudioWeight()
        #expect(weight.factor(.runningMeans) == 1)
        var means = (video: 0.0, audio: 0.0)
        for (index, losses) in [(0.4, 1.0), (0.5, 0.8), (0.3, 2.0)].enumerated() {
            weight.update(video: losses.0, audio: losses.1)
            means =
                index == 0
                ? losses : (0.99 * means.0 + 0.01 * losses.0, 0.99 * means.1 + 0.01 * losses.1)
            #expect(abs(weight.factor(.runningMeans) - 0.33 * means.video / means.audio) < 1e-12)
        }
        #expect(weight.count == 3)
        #expect(weight.factor(.fixed(2.5)) == 2.5)

        var loud = AudioWeight()
        loud.update(video: 0.001, audio: 10)
        #expect(loud.factor(.runningMeans) == 0.05)
        var quiet = AudioWeight()
        quiet.update(video: 10, audio: 0.001)
        #expect(quiet.factor(.runningMeans) == 20)
        var silent = AudioWeight()
        silent.update(video: 1, audio: 0)
        #expect(silent.factor(.runningMeans) == 1)
    }
}
