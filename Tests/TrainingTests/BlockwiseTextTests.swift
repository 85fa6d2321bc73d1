import Adapters
import LTXModel
import Testing
import Torch

@testable import Training

/// What made the texts can be trained: the blocks send their gradients back.
@Suite("Blockwise pass: texts") struct BlockwiseTextTests {
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
