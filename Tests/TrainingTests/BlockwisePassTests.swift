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
        _ checkpointing: Checkpointing
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
        arguments: [Checkpointing.none, .all, .keepingResults],
        [AdapterDropout.none, AdapterDropout(rank: 0.3, module: 0.2, element: 0.2)]
    )
    func wholeGraph(checkpointing: Checkpointing, dropout: AdapterDropout) throws {
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
                checkpointing: .all
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
            let found = blockwise(batch, transformer, network, .all)
            for (gradient, pathway) in zip(found, network.pathways) {
                #expect((gradient != nil) == (pathway == .video))
            }
        }
    }
}

extension Checkpointing {
    /// Every block runs twice, and keeps the results of its parts.
    static var keepingResults: Checkpointing {
        var all = Checkpointing.all
        all.keepsResults = true
        return all
    }
}
