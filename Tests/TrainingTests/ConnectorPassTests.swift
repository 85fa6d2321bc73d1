import Adapters
import LTXModel
import Testing
import Torch

@testable import Training

/// Connectors trained in a pass of their own get the gradients of one record over everything.
@Suite("Connector pass") struct ConnectorPassTests {
    /// Gradients of all parameters by both passes.
    private func apart(_ scene: ConnectorScene, checkpointing: Bool) throws -> [Tensor?] {
        let sums = GradientSums(count: scene.network.parameters.count)
        let connectors = scene.connectorPass()
        let contexts = try connectors.contexts(of: scene.features)
        let texts = scene.blockwisePass(checkpointing: checkpointing)
            .accumulate(scene.input(contexts), into: sums, wantsTextGradients: true) {
                scene.loss($0)
            }
        try connectors.accumulate(scene.features, gradients: texts, into: sums)
        return sums.values
    }

    private func expect(_ found: [Tensor?], equal expected: [Tensor?], within allowed: Double) {
        #expect(found.count == expected.count)
        for (own, reference) in zip(found, expected) {
            #expect((own == nil) == (reference == nil))
            guard let own, let reference else { continue }
            #expect(own.relativeDifference(from: reference) < allowed)
        }
    }

    @Test(
        "gradients of blocks and connectors equal those of one record over everything",
        arguments: ["20", "23"],
        [true, false]
    )
    func everything(version: String, checkpointing: Bool) throws {
        try withTorchErrors {
            let dropout = AdapterDropout(rank: 0.3, module: 0.1, element: 0.2)
            for dropout in [AdapterDropout.none, dropout] {
                let scene = try ConnectorScene(version, dropout: dropout)
                let found = try apart(scene, checkpointing: checkpointing)
                let expected = try scene.wholeGraph(for: scene.network.parameters)
                expect(found, equal: expected, within: 1e-5)
                let connectors = zip(found, scene.network.pathways).filter { $0.1.isConnector }
                #expect(connectors.count == 2 * scene.connectors.linears.count)
                #expect(connectors.contains { ($0.0?.absolute().largest().item() ?? 0) > 0 })
            }
        }
    }

    @Test(
        "connectors are trained without any adapter in the blocks",
        arguments: ["20", "23"],
        [true, false]
    )
    func alone(version: String, checkpointing: Bool) throws {
        try withTorchErrors {
            let scene = try ConnectorScene(version, onlyConnectors: true)
            #expect(scene.network.members.count == scene.connectors.linears.count)
            let found = try apart(scene, checkpointing: checkpointing)
            let expected = try scene.wholeGraph(for: scene.network.parameters)
            expect(found, equal: expected, within: 1e-5)
            #expect(found.allSatisfy { ($0?.absolute().largest().item() ?? 0) > 0 })
        }
    }

    @Test("adapters of the connectors change the contexts, which carry no record")
    func contexts() throws {
        try withTorchErrors {
            let scene = try ConnectorScene("23")
            let pass = scene.connectorPass()
            let contexts = try pass.contexts(of: scene.features)
            #expect(contexts[0].video === contexts[2].video)
            #expect(
                contexts.allSatisfy { !$0.video.requiresGradient && !$0.audio.requiresGradient }
            )
            for (context, features) in zip(contexts, scene.features) {
                let expected = try scene.connectors.context(of: features, length: 16)
                #expect(context.video.relativeDifference(from: expected.video) == 0)
                #expect(context.audio.relativeDifference(from: expected.audio) == 0)
            }
            let base = try scene.network.detached { try pass.contexts(of: scene.features) }
            #expect(base[1].video.relativeDifference(from: contexts[1].video) > 1e-2)
            #expect(base[1].audio.relativeDifference(from: contexts[1].audio) > 1e-2)
        }
    }

    @Test("only the connector that is to learn gets gradients")
    func oneConnector() throws {
        try withTorchErrors {
            let scene = try ConnectorScene("23")
            let sums = GradientSums(count: scene.network.parameters.count)
            let pass = scene.connectorPass { $0 == .audioConnector }
            let contexts = try pass.contexts(of: scene.features)
            let gradients = StreamTexts(
                video: .full([3, 16, 32], 1),
                audio: .full([3, 16, 16], 1)
            )
            #expect(contexts.count == 3)
            try pass.accumulate(scene.features, gradients: gradients, into: sums)
            for (gradient, pathway) in zip(sums.values, scene.network.pathways) {
                #expect((gradient != nil) == (pathway == .audioConnector))
            }
        }
    }

    @Test("a network without connectors asks for no text gradients")
    func nothingToTrain() throws {
        try withTorchErrors {
            let scene = try ConnectorScene("23")
            #expect(scene.connectorPass().hasParameters)
            #expect(!scene.connectorPass { !$0.isConnector }.hasParameters)
        }
    }

    @Test("a prompt that is too long is refused with what to do")
    func longPrompt() throws {
        try withTorchErrors {
            let scene = try ConnectorScene("23")
            let long = TextFeatures(video: .zeros([17, 32]), audio: .zeros([17, 16]))
            let error = ModelInputError(
                "text connector: got 17 tokens for a context of 16, should be at most that many in a multiple of 4; shorten the prompt"
            )
            let pass = scene.connectorPass()
            #expect(throws: error) { try pass.contexts(of: [long]) }
            #expect(throws: error) {
                try pass.accumulate(
                    [long],
                    gradients: StreamTexts(video: .full([1, 16, 32], 1)),
                    into: GradientSums(count: scene.network.parameters.count)
                )
            }
        }
    }
}
