import LTXModel
import Torch

/// What all blocks of one pass read alike, and the gradients that the blocks send back to it.
///
/// Every block reads the same texts and modulations, so their gradients are sums over the blocks, kept in
/// float32. Blocks are given copies cut off from what made them; what lies between these copies and the
/// batch's texts or trained weights outside the blocks is recorded once and gone back through at the end.
final class PassConditions {
    /// What the blocks are given.
    let conditions: BlockConditions
    /// Copies of the conditions that collect gradients, in order; empty if none are wanted.
    let tracked: [Tensor]
    private let made: [Tensor]  // recorded; `tracked` are copies of them
    private let given: [Tensor]  // the batch's texts, cut off
    private let present: StreamTexts
    private let ends: [(index: Int, parameter: Tensor)]
    private var sums: [Tensor?]

    /// Makes the conditions of a batch.
    ///
    /// - Parameters:
    ///   - transformer: makes them.
    ///   - input: the batch.
    ///   - tracksTexts: whether derivatives with respect to the batch's texts are wanted.
    ///   - ends: trained parameters outside the blocks.
    init(
        _ transformer: Transformer,
        _ input: TransformerInput,
        tracksTexts: Bool,
        ends: [Int: Tensor]
    ) {
        present = tracksTexts ? input.texts : StreamTexts()
        self.ends = ends.sorted { $0.key < $1.key }.map { (index: $0.key, parameter: $0.value) }
        guard tracksTexts || !ends.isEmpty else {
            conditions = withoutGradients { transformer.conditions(for: input) }
            (tracked, made, given, sums) = ([], [], [], [])
            return
        }
        var recorded = input
        let texts = present.map(Self.leaf)
        recorded.texts = texts
        let whole = recordingGradients { transformer.conditions(for: recorded) }
        let copies = whole.tensors.map { $0.requiresGradient ? Self.leaf($0) : $0 }
        conditions = whole.replacing(copies)
        made = whole.tensors.filter(\.requiresGradient)
        tracked = zip(copies, whole.tensors).filter { $1.requiresGradient }.map(\.0)
        given = texts.tensors
        sums = made.map { _ in nil }
    }

    /// Takes in what one block gave for each of `tracked`.
    func add(_ gradients: some Sequence<Tensor?>) {
        for (index, gradient) in gradients.enumerated() {
            guard let wide = gradient?.to(.float32) else { continue }
            sums[index] = sums[index].map { $0 + wide } ?? wide
        }
    }

    /// Goes back through what made the conditions.
    ///
    /// - Parameter found: told the gradients of trained parameters outside the blocks.
    /// - Returns: derivatives with respect to the batch's texts; nil where no block was reached.
    func finish(_ found: (Int, Tensor) -> Void) -> StreamTexts {
        let reached = made.indices.filter { sums[$0] != nil }
        guard !reached.isEmpty else { return present.map { _ in nil } }
        let gradients = Torch.gradients(
            of: reached.map { made[$0] },
            seeds: reached.compactMap { index in sums[index]?.to(made[index].dtype) },
            for: given + ends.map(\.parameter)
        )
        for (end, gradient) in zip(ends, gradients.dropFirst(given.count)) {
            if let gradient { found(end.index, gradient) }
        }
        var texts = Array(gradients.prefix(given.count))
        return present.map { _ in texts.removeFirst() }
    }

    private static func leaf(_ tensor: Tensor) -> Tensor {
        let cut = tensor.detach()
        cut.requiresGradient = true
        return cut
    }
}
