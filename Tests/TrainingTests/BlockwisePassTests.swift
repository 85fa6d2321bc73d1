import Adapters
import LTXModel
import Testing
import Torch

@testable import Training

/// Going through the blocks one by one gives what one record of everything gives.
@Suite("Blockwise pass") struct BlockwisePassTests {
    private func noisy(_ items: [TrainingItem]) throws -> NoisyBatch {
        try FlowMatching(options: FlowMatching.Options(), device: .cpu, seed: 4)
            .noisy(TrainingFixture.batch(items), at: FlowMatching.Place(step: 0, part: 0))
    }

    private func loss(_ batch: NoisyBatch, _ velocities: StreamState) -> Tensor {
        let video =
            velocities.video.map { batch.video.loss(batch.video.errors(of: $0)) } ?? .zeros([])
        guard let audio = batch.audio, let heard = velocities.audio else { return video }
        return video + audio.loss(audio.errors(of: heard))
    }

    private func blockwise(
        _ batch: NoisyBatch,
        _ transformer: Transformer,
        _ network: AdapterNetwork,
        _ checkpointing: Bool
    ) -> [Tensor?] {
        let sums = GradientSums(count: network.parameters.count)
        BlockwisePass(
            transformer,
            layout: ParameterLayout(network),
            checkpointing: checkpointing
        ).accumulate(batch.input, into: sums) { loss(batch, $0) }
        return sums.values
    }

    @Test(
        "gradients equal those of the whole graph, with and without recomputation",
        arguments: [true, false],
        [AdapterDropout.none, AdapterDropout(rank: 0.3, module: 0.2, element: 0.2)]
    )
    func wholeGraph(checkpointing: Bool, dropout: AdapterDropout) throws {
        try withTorchErrors {
            let transformer = try TrainingFixture.transformer()
            let network = try TrainingFixture.network(transformer, dropout: dropout, filled: true)
            network.prepareStep(random: try RandomGenerator(seed: 6))
            let batch = try noisy([
                TrainingFixture.item("a", seed: 1, firstFrame: 1),
                TrainingFixture.item("b", seed: 2, sound: nil),
            ])
            let found = blockwise(batch, transformer, network, checkpointing)
            let whole = recordingGradients { loss(batch, transformer(batch.input)) }
            let expected = gradients(
                of: [whole],
                seeds: [Tensor.full([], 1)],
                for: network.parameters
            )
            for (own, reference) in zip(found, expected) {
                #expect((own == nil) == (reference == nil))
                guard let own, let reference else { continue }
                #expect(own.relativeDifference(from: reference) < 1e-5)
            }
            #expect(found.contains { ($0?.absolute().largest().item() ?? 0) > 0 })
        }
    }

    @Test("passes add up")
    func sums() throws {
        try withTorchErrors {
            let transformer = try TrainingFixture.transformer()
            let network = try TrainingFixture.network(
                transformer,
                only: ["attn1.to_q"],
                filled: true
            )
            let batch = try noisy([TrainingFixture.item("a", seed: 1)])
            let pass = BlockwisePass(
                transformer,
                layout: ParameterLayout(network),
                checkpointing: true
            )
            let (once, twice) = (GradientSums(count: 8), GradientSums(count: 8))
            pass.accumulate(batch.input, into: once) { loss(batch, $0) }
            for _ in 0..<2 { pass.accumulate(batch.input, into: twice) { loss(batch, $0) } }
            for (one, two) in zip(once.values, twice.values) {
                let doubled = try #require(one) * 2
                #expect(try #require(two).relativeDifference(from: doubled) < 1e-6)
            }
        }
    }

    @Test("adapters of one modality are trained without the other")
    func videoOnly() throws {
        try withTorchErrors {
            let transformer = try TrainingFixture.transformer()
            let network = try TrainingFixture.network(transformer, filled: true)
            var batch = try noisy([TrainingFixture.item("a", seed: 1)])
            var input = batch.input
            input.audio = nil
            batch = NoisyBatch(
                video: batch.video,
                audio: nil,
                input: input,
                learnsAudio: false,
                drawnAudioSigmas: []
            )
            let found = blockwise(batch, transformer, network, true)
            for (gradient, pathway) in zip(found, network.pathways) {
                #expect((gradient != nil) == (pathway == .video))
            }
        }
    }

    // MARK: - Texts

    @Test(
        "gradients of the texts equal those of the whole graph",
        arguments: ["20", "23"],
        [true, false]
    )
    func texts(version: String, checkpointing: Bool) throws {
        try withTorchErrors {
            let scene = try ConnectorScene(version)
            let pass = scene.blockwisePass(checkpointing: checkpointing)
            let input = scene.input(try scene.connectorPass().contexts(of: scene.features))
            for (video, audio) in [(true, true), (true, false), (false, true)] {
                let sums = GradientSums(count: scene.network.parameters.count)
                let found = pass.accumulate(input, into: sums, wantsTextGradients: true) {
                    scene.loss($0, video: video, audio: audio)
                }
                let expected = textGradients(scene, input) {
                    scene.loss($0, video: video, audio: audio)
                }
                try expect(found, equals: expected, within: 1e-5)
            }
            #expect(input.texts.tensors.allSatisfy { !$0.requiresGradient })
        }
    }

    @Test("texts of another type than the weights get gradients of their own type")
    func narrowWeights() throws {
        try withTorchErrors {
            let scene = try ConnectorScene("20", dtype: .bfloat16)
            var input = scene.input(try scene.connectorPass().contexts(of: scene.features))
            input.texts = input.texts.map { $0.to(.float32) }
            let sums = GradientSums(count: scene.network.parameters.count)
            let found = scene.blockwisePass(checkpointing: true)
                .accumulate(input, into: sums, wantsTextGradients: true) { scene.loss($0) }
            #expect(found.tensors.map(\.dtype) == [.float32, .float32])
            let expected = textGradients(scene, input) { scene.loss($0) }
            try expect(found, equals: expected, within: 0.05)
        }
    }

    @Test("a text without influence gets no gradient")
    func unreachedText() throws {
        try withTorchErrors {
            let scene = try ConnectorScene("23")
            let pass = scene.blockwisePass(checkpointing: true)
            let sums = GradientSums(count: scene.network.parameters.count)
            var input = scene.input(try scene.connectorPass().contexts(of: scene.features))
            input.isolated = true
            let heard = pass.accumulate(input, into: sums, wantsTextGradients: true) {
                scene.loss($0, video: false)
            }
            #expect(heard.video == nil && heard.audio != nil)
            input.audio = nil
            let seen = pass.accumulate(input, into: sums, wantsTextGradients: true) {
                scene.loss($0, audio: false)
            }
            #expect(seen.video != nil && seen.audio == nil)
        }
    }

    @Test(
        "asking for the texts' gradients leaves the others as they are",
        arguments: [true, false]
    )
    func askedAndNot(checkpointing: Bool) throws {
        try withTorchErrors {
            let scene = try ConnectorScene("20")
            let pass = scene.blockwisePass(checkpointing: checkpointing)
            let input = scene.input(try scene.connectorPass().contexts(of: scene.features))
            let count = scene.network.parameters.count
            let (asked, not) = (GradientSums(count: count), GradientSums(count: count))
            pass.accumulate(input, into: asked, wantsTextGradients: true) { scene.loss($0) }
            let texts = pass.accumulate(input, into: not) { scene.loss($0) }
            #expect(texts.tensors.isEmpty)
            for (one, other) in zip(asked.values, not.values) {
                #expect((one == nil) == (other == nil))
                guard let one, let other else { continue }
                #expect(one.relativeDifference(from: other) == 0)
            }
        }
    }

    /// Derivatives with respect to the texts from one record of the whole transformer.
    private func textGradients(
        _ scene: ConnectorScene,
        _ input: TransformerInput,
        loss: (StreamState) -> Tensor
    ) -> [Tensor?] {
        var input = input
        let texts = input.texts.map { $0.detach() }
        for text in texts.tensors { text.requiresGradient = true }
        input.texts = texts
        let whole = recordingGradients { loss(scene.transformer(input)) }
        return gradients(of: [whole], seeds: [Tensor.full([], 1)], for: texts.tensors)
    }

    private func expect(
        _ found: StreamTexts,
        equals expected: [Tensor?],
        within allowed: Double
    ) throws {
        for (own, reference) in zip([found.video, found.audio], expected) {
            let reference = try #require(reference)
            #expect(try #require(own).relativeDifference(from: reference) < allowed)
            #expect(reference.absolute().largest().item() > 0)
        }
    }
}
