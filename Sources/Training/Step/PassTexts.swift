import LTXModel
import Torch

/// The texts of one pass through the blocks, and the gradients that the blocks send back to them.
///
/// Every block reads the same text, so its gradient is a sum over the blocks, kept in float32. Blocks are
/// given copies cut off from what made them; what lies between the batch's text and these copies (the
/// projection of LTX-2.0) is recorded once and gone back through at the end.
final class PassTexts {
    /// What the blocks are given.
    let conditions: BlockConditions
    /// The blocks' texts that collect gradients, video first; empty if none are wanted.
    let tracked: [Tensor]
    private let given: [Tensor]  // the batch's texts, cut off
    private let made: [Tensor]  // recorded, from `given`
    private let present: StreamTexts
    private var sums: [Tensor?]

    init(_ transformer: Transformer, _ input: TransformerInput, tracked isTracked: Bool) {
        present = isTracked ? input.texts : StreamTexts()
        sums = present.tensors.map { _ in nil }
        guard isTracked else {
            conditions = withoutGradients { transformer.conditions(for: input) }
            (tracked, given, made) = ([], [], [])
            return
        }
        let texts = input.texts.map(Self.leaf)
        var recorded = input
        recorded.texts = texts
        var conditions = recordingGradients { transformer.conditions(for: recorded) }
        let read = conditions.texts
        let leaves = read.map(Self.leaf)
        conditions.texts = leaves
        self.conditions = conditions
        (tracked, given, made) = (leaves.tensors, texts.tensors, read.tensors)
    }

    /// Takes in what one block gave for each of `tracked`.
    func add(_ gradients: some Sequence<Tensor?>) {
        for (index, gradient) in gradients.enumerated() {
            guard let wide = gradient?.to(.float32) else { continue }
            sums[index] = sums[index].map { $0 + wide } ?? wide
        }
    }

    /// Derivatives with respect to the batch's texts; nil where no block was reached.
    func gradients() -> StreamTexts {
        var found: [Tensor?] = given.indices.map { index in
            sums[index].flatMap { sum in
                let seed = sum.to(made[index].dtype)
                return Torch.gradients(of: [made[index]], seeds: [seed], for: [given[index]])[0]
            }
        }
        return present.map { _ in found.removeFirst() }
    }

    private static func leaf(_ text: Tensor) -> Tensor {
        let cut = text.detach()
        cut.requiresGradient = true
        return cut
    }
}
