public import Adapters
public import LTXModel
public import Torch

// Axes: B batch, T tokens of a stream, C latent channels, D width.

/// Forward and backward through the transformer one block at a time.
///
/// The forward pass keeps only what each block was given; the backward pass visits the blocks in
/// reverse, runs each once more with gradients on, and asks for the gradients of that block alone.
/// The last block is recorded the first time, so nothing is computed twice there; so are blocks that
/// `Checkpointing` leaves out, unless their weights live in host memory: a record would hold on to the
/// place that other blocks' weights are copied to. Both directions visit the blocks one by one, which is
/// what brings such weights to the device in time.
///
/// - Source: "Training deep nets with sublinear memory cost", Chen et al., 2016.
public struct BlockwisePass {
    private let transformer: Transformer
    private let trained: [[Int: Tensor]]  // per block: index of a parameter → the parameter
    private let route: [Int]
    private let checkpointing: Checkpointing

    /// Prepares passes for the trained parameters of `layout`.
    public init(_ transformer: Transformer, layout: ParameterLayout, checkpointing: Checkpointing) {
        self.transformer = transformer
        self.trained = transformer.blocks.map { layout.parameters(of: $0.linears) }
        self.checkpointing = checkpointing
        route = Array(transformer.blocks.indices) + transformer.blocks.indices.reversed()
    }

    /// What one block was given, and what it gave if its record is kept.
    private struct Visit {
        let input: StreamState
        var output: StreamState?
    }

    /// Adds the gradients of one batch's loss to `sums`.
    ///
    /// - Parameters:
    ///   - input: the batch, noisy.
    ///   - sums: receives the gradients.
    ///   - wantsTextGradients: whether what made the texts is trained too; costs nothing if not.
    ///   - loss: from both velocities `[B, T, C]` to a single number.
    /// - Returns: derivatives with respect to the texts of the input, in their type; nil for a text that
    ///   the loss does not depend on, or if they are not wanted.
    @discardableResult
    public func accumulate(
        _ input: TransformerInput,
        into sums: GradientSums,
        wantsTextGradients: Bool = false,
        loss: (StreamState) -> Tensor
    ) -> StreamTexts {
        transformer.offloading?.begin(route)
        let texts = PassTexts(transformer, input, tracked: wantsTextGradients)
        var visits = forward(input, texts.conditions)
        guard let end = visits.last?.output else { return StreamTexts() }

        var seeds = headGradients(end, input, loss: loss)
        while let visit = visits.popLast(), !torchHasFailed {
            let index = visits.count
            _ = transformer.visit(index)
            let output = visit.output ?? recorded(index, visit.input, texts.conditions, input)
            let wanted = index > 0 ? visit.input.tensors : []
            seeds = backward(
                from: output,
                seeds: seeds,
                parameters: trained[index],
                inputs: wanted,
                texts: texts,
                into: sums
            )
        }
        return texts.gradients()
    }

    private func forward(_ input: TransformerInput, _ conditions: BlockConditions) -> [Visit] {
        var visits: [Visit] = []
        var state = withoutGradients { transformer.embedded(input) }
        for index in transformer.blocks.indices {
            let given = detached(state, tracked: index > 0)
            let records = keepsRecord(index)
            if records {
                state = recorded(index, given, conditions, input)
            } else {
                state = withoutGradients { run(index, given, conditions, input) }
            }
            visits.append(Visit(input: given, output: records ? state : nil))
        }
        return visits
    }

    private func keepsRecord(_ index: Int) -> Bool {
        let isLast = index == transformer.blocks.count - 1
        let isHere = transformer.offloading?.isOffloaded(index) != true
        return isLast || (isHere && !checkpointing.recomputes(index))
    }

    private func run(
        _ index: Int,
        _ state: StreamState,
        _ conditions: BlockConditions,
        _ input: TransformerInput
    ) -> StreamState {
        transformer.visit(index)(
            state,
            conditions,
            valuesOnly: input.valuesOnlyBlocks.contains(index)
        )
    }

    private func recorded(
        _ index: Int,
        _ state: StreamState,
        _ conditions: BlockConditions,
        _ input: TransformerInput
    ) -> StreamState {
        recordingGradients { run(index, state, conditions, input) }
    }

    /// The same values cut off from what made them; `tracked` ones collect gradients.
    private func detached(_ state: StreamState, tracked: Bool) -> StreamState {
        state.replacing(
            state.tensors.map { tensor in
                let cut = tensor.detach()
                cut.requiresGradient = tracked
                return cut
            }
        )
    }

    /// Gradients of the loss with respect to the last block's output.
    private func headGradients(
        _ end: StreamState,
        _ input: TransformerInput,
        loss: (StreamState) -> Tensor
    ) -> [Tensor?] {
        let given = detached(end, tracked: true)
        let value = recordingGradients { loss(transformer.velocities(given, input)) }
        guard value.requiresGradient else { return given.tensors.map { _ in nil } }
        let one = Tensor.full([], 1, dtype: value.dtype, device: value.device)
        return gradients(of: [value], seeds: [one], for: given.tensors)
    }

    /// Adds the block's gradients of parameters to `sums` and of `texts` to them; returns those of its inputs.
    private func backward(
        from output: StreamState,
        seeds: [Tensor?],
        parameters: [Int: Tensor],
        inputs: [Tensor],
        texts: PassTexts,
        into sums: GradientSums
    ) -> [Tensor?] {
        let reached = zip(output.tensors, seeds).compactMap { tensor, seed in
            seed.flatMap { tensor.requiresGradient ? (tensor, $0) : nil }
        }
        guard !reached.isEmpty else { return inputs.map { _ in nil } }
        let order = parameters.keys.sorted()
        let all = inputs + texts.tracked + order.compactMap { parameters[$0] }
        let found = gradients(of: reached.map(\.0), seeds: reached.map(\.1), for: all)
        let rest = found.dropFirst(inputs.count)
        texts.add(rest.prefix(texts.tracked.count))
        for (index, gradient) in zip(order, rest.dropFirst(texts.tracked.count)) {
            if let gradient { sums.add(gradient, at: index) }
        }
        return Array(found.prefix(inputs.count))
    }
}

/// Which trained parameters belong to which layer.
public struct ParameterLayout {
    private let indices: [ObjectIdentifier: [(Int, Tensor)]]

    /// The parameters of a network of adapters, numbered as in `network.parameters`; of the pathways that
    /// are to learn, where not all are.
    public init(_ network: AdapterNetwork, where learns: (Pathway) -> Bool = { _ in true }) {
        var indices: [ObjectIdentifier: [(Int, Tensor)]] = [:]
        var next = 0
        for member in network.members {
            for parameter in member.adapter.parameters {
                if learns(member.pathway) {
                    indices[ObjectIdentifier(member.layer), default: []].append((next, parameter))
                }
                next += 1
            }
        }
        self.indices = indices
    }

    /// The parameters that belong to some layers, in the blocks or elsewhere, by their number.
    func parameters(of linears: [Linear]) -> [Int: Tensor] {
        let found = linears.flatMap { indices[ObjectIdentifier($0)] ?? [] }
        return Dictionary(found.map { ($0.0, $0.1) }, uniquingKeysWith: { first, _ in first })
    }
}
