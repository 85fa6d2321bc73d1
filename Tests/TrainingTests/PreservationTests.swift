import Adapters
import ClipCache
import LTXModel
import Testing
import Torch

@testable import Training

/// Passes in which the frozen base model is the teacher.
@Suite("Preservation") struct PreservationTests {
    private static func noise(_ change: (inout FlowMatching.Options) -> Void = { _ in })
        -> FlowMatching
    {
        var options = FlowMatching.Options()
        options.audioChannels = 8
        change(&options)
        return FlowMatching(options: options, device: .cpu, seed: 5)
    }

    private static func sounds(_ count: Int) throws -> [FloatBuffer] {
        let random = try RandomGenerator(seed: 77)
        return (0..<count).map { _ in
            FloatBuffer(shape: [20, 8], values: random.normal([20, 8]).floats())
        }
    }

    private func voice(every: Int = 1, multiplier: Double = 1) throws -> VoicePreservation {
        try VoicePreservation(
            sounds: Self.sounds(3),
            every: every,
            multiplier: multiplier,
            noise: Self.noise()
        )
    }

    @Test("clips without sound are lent a known one, at the noise level that was drawn for them")
    func lentSound() throws {
        try withTorchErrors {
            let batch = try TrainingFixture.batch([
                TrainingFixture.item("a", seed: 1, sound: 18),
                TrainingFixture.item("b", seed: 2, sound: nil),
            ])
            let place = FlowMatching.Place(step: 4, part: 0)
            let noisy = try Self.noise().noisy(batch, at: place)
            let task = try #require(try voice().task(for: batch, noisy, at: place))
            let audio = try #require(task.audio)
            #expect(task.video == nil && audio.itemWeights == [0, 1])
            #expect(audio.sigmas == noisy.drawnAudioSigmas && audio.sigmas[1] < 1)
            #expect(noisy.audio?.sigmas[1] == 1)
            // x = clean + σ · target gives the clean latent back: one of the known sounds.
            let clean =
                audio.tokens - audio.target
                * Tensor(audio.sigmas.map(Float.init), shape: [2, 1, 1])
            let known = try Self.sounds(3).map { Tensor($0.values, shape: $0.shape) }
            let distances = known.map {
                clean.select(0, 1).relativeDifference(from: $0.narrow(0, from: 0, count: 18))
            }
            #expect(distances.count { $0 < 1e-5 } == 1)
            // The picture, its noise and the clip with sound are those of the step.
            #expect(task.input.video?.latent.bytes() == noisy.video.tokens.bytes())
            #expect(audio.tokens.select(0, 0).bytes() == noisy.audio?.tokens.select(0, 0).bytes())
        }
    }

    @Test("the pass comes every k steps and only for batches that lack sound")
    func turns() throws {
        try withTorchErrors {
            let silent = try TrainingFixture.batch([TrainingFixture.item("a", seed: 1, sound: nil)])
            let heard = try TrainingFixture.batch([TrainingFixture.item("a", seed: 1)])
            let rule = try voice(every: 3)
            let turns = try (0..<7).filter { step in
                let place = FlowMatching.Place(step: step, part: 0)
                let noisy = try Self.noise().noisy(silent, at: place)
                return try rule.task(for: silent, noisy, at: place) != nil
            }
            #expect(turns == [0, 3, 6])
            let place = FlowMatching.Place(step: 0, part: 0)
            #expect(
                try rule.task(for: heard, Self.noise().noisy(heard, at: place), at: place) == nil
            )
        }
    }

    @Test("on silent clips the voice drifts less with preservation than without")
    func drift() throws {
        let silent = try (1...3).map { try TrainingFixture.item("a\($0)", seed: $0, sound: nil) }
        func drift(_ preservations: [any Preservation]) throws -> Double {
            let place = try TemporaryFolder()
            let run = try TestRun(in: place, items: silent) { $0.rate = 5e-3 }
            run.trainer.preservations = preservations
            _ = try run.trainer.run(steps: 40)
            return try audioDrift(run)
        }
        let (without, with) = (try drift([]), try drift([try voice()]))
        #expect(without > 0)
        #expect(with < 0.7 * without, "\(with) beside \(without)")
    }

    /// How far the sound of clips nobody trained on has moved from what the base model says.
    private func audioDrift(_ run: TestRun) throws -> Double {
        try withTorchErrors {
            try withoutGradients {
                let drifts = try (0..<6).map { number in
                    let batch = TrainingFixture.batch([
                        try TrainingFixture.item("x", seed: 100 + UInt64(number), sound: 18)
                    ])
                    let place = FlowMatching.Place(step: -1, part: number, sigma: 0.5)
                    let input = try Self.noise().noisy(batch, at: place).input
                    run.network.prepareStep(random: nil)
                    let adapted = try #require(run.transformer(input).audio)
                    let base = try #require(run.network.detached { run.transformer(input).audio })
                    let difference = adapted - base
                    return (difference * difference).mean().item()
                }
                return drifts.reduce(0, +) / Double(drifts.count)
            }
        }
    }

    /// An item with a class prompt of its own.
    private func item(_ name: String, seed: UInt64, preserved: UInt64) throws -> TrainingItem {
        var item = try TrainingFixture.item(name, seed: seed)
        let random = try RandomGenerator(seed: preserved)
        item.preservedText = TextContext(
            video: random.normal([1, 5, 32]),
            audio: random.normal([1, 5, 16])
        )
        return item
    }

    @Test(
        "the prompt's preservation asks for the class with the noise of the step, in both modalities"
    )
    func classPrompt() throws {
        try withTorchErrors {
            let items = try [item("a", seed: 1, preserved: 50), item("b", seed: 2, preserved: 51)]
            let batch = TrainingFixture.batch(items)
            let place = FlowMatching.Place(step: 2, part: 1)
            let noisy = try Self.noise().noisy(batch, at: place)
            let task = try #require(
                PromptPreservation(multiplier: 0.5).task(for: batch, noisy, at: place)
            )
            #expect(task.factor == 0.5 && task.video != nil && task.audio != nil)
            #expect(task.input.video?.latent.bytes() == noisy.input.video?.latent.bytes())
            #expect(task.input.audio?.sigma.bytes() == noisy.input.audio?.sigma.bytes())
            let text = try #require(task.input.audio?.text)
            let expected = try #require(items[1].preservedText)
            #expect(text.select(0, 1).bytes() == expected.audio.select(0, 0).bytes())
            let plain = TrainingFixture.batch([try TrainingFixture.item("a", seed: 1)])
            #expect(
                PromptPreservation(multiplier: 1).task(
                    for: plain,
                    try Self.noise().noisy(plain, at: place),
                    at: place
                ) == nil
            )
        }
    }

    @Test(
        "with the prompt preserved, the model says of the class what it said before, for two at once"
    )
    func classDrift() throws {
        let items = try [item("a", seed: 1, preserved: 50), item("b", seed: 2, preserved: 50)]
        func drift(_ preservations: [any Preservation]) throws -> Double {
            let place = try TemporaryFolder()
            let run = try TestRun(in: place, items: items, batchSize: 2) { $0.rate = 5e-3 }
            run.trainer.preservations = preservations
            _ = try run.trainer.run(steps: 40)
            if let report = run.events.steps.last, !preservations.isEmpty {
                #expect((report.preservation["prompt"] ?? 0) > 0)
            }
            return try withTorchErrors {
                try withoutGradients {
                    let batch = TrainingFixture.batch(items)
                    let place = FlowMatching.Place(step: -1, part: 0, sigma: 0.5)
                    let noisy = try Self.noise().noisy(batch, at: place)
                    let task = try #require(
                        PromptPreservation(multiplier: 1).task(for: batch, noisy, at: place)
                    )
                    run.network.prepareStep(random: nil)
                    let adapted = run.transformer(task.input)
                    let base = run.network.detached { run.transformer(task.input) }
                    return try (#require(adapted.video) - #require(base.video)).power(2).mean()
                        .item()
                        + (#require(adapted.audio) - #require(base.audio)).power(2).mean().item()
                }
            }
        }
        let (without, with) = (
            try drift([]), try drift([PromptPreservation(multiplier: 5)])
        )
        #expect(with < 0.7 * without, "\(with) beside \(without)")
    }
}
