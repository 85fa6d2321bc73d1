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
/// Where the model's own weights are trained, those around the blocks get their gradients in three places:
/// behind the last block, through what all blocks read alike, and before the first one. They are one segment,
/// the last; each block is one before it.
///
/// - Source: "Training deep nets with sublinear memory cost", Chen et al., 2016.
public struct BlockwisePass {
    private let transformer: Transformer
    private let trained: [[Int: Tensor]]  // per block: index of a parameter → the parameter
    private let ends: [Int: Tensor]  // the same outside the blocks
    private let route: [Int]
    private let checkpointing: Checkpointing

    /// Prepares passes for the trained parameters of `layout`.
    public init(_ transformer: Transformer, layout: ParameterLayout, checkpointing: Checkpointing) {
        self.transformer = transformer
        trained = transformer.blocks.indices.map {
            layout.parameters(ofBlock: $0, in: transformer)
        }
        ends = layout.ends
        self.checkpointing = checkpointing
        route = Array(transformer.blocks.indices) + transformer.blocks.indices.reversed()
    }

    /// What one block was given, and what it gave if its record is kept, else what it found.
    private struct Visit {
        let input: StreamState
        var output: StreamState?
        var replay: BlockReplay?
    }

    /// Brings the gradients of one batch's loss to `sums`.
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
        into sums: any GradientSink,
        wantsTextGradients: Bool = false,
        loss: (StreamState) -> Tensor
    ) -> StreamTexts {
        transformer.offloading?.begin(route)
        let shared = PassConditions(
            transformer,
            input,
            tracksTexts: wantsTextGradients,
            ends: ends
        )
        var visits = forward(input, shared.conditions)
        guard let end = visits.last?.output else { return StreamTexts() }

        let around = GradientSums(count: (ends.keys.max() ?? -1) + 1)
        guard var seeds = headGradients(end, input, around, sums, loss: loss) else {
            return StreamTexts()
        }
        while let visit = visits.popLast(), !torchHasFailed {
            let index = visits.count
            _ = transformer.visit(index)
            visit.replay?.begin()
            let conditions = shared.conditions.replaying(visit.replay)
            let output = visit.output ?? recorded(index, visit.input, conditions, input)
            seeds = backward(
                from: output,
                seeds: seeds,
                parameters: trained[index],
                inputs: isTracked(index) ? visit.input.tensors : [],
                shared: shared,
                into: sums
            )
            sums.finishSegment()
        }
        let texts = shared.finish { around.add($1, at: $0) }
        embeddingGradients(input, seeds: seeds, around)
        sums.add(around)
        sums.finishSegment()
        return texts
    }

    /// Whether gradients of a block's input are worth computing.
    private func isTracked(_ index: Int) -> Bool { index > 0 || !ends.isEmpty }

    private func forward(_ input: TransformerInput, _ conditions: BlockConditions) -> [Visit] {
        var visits: [Visit] = []
        var state = withoutGradients { transformer.embedded(input) }
        for index in transformer.blocks.indices {
            let given = detached(state, tracked: isTracked(index))
            if keepsRecord(index) {
                state = recorded(index, given, conditions, input)
                visits.append(Visit(input: given, output: state))
            } else {
                let replay = BlockReplay(keepsResults: checkpointing.keepsResults)
                let known = conditions.replaying(replay)
                state = withoutGradients { run(index, given, known, input) }
                visits.append(Visit(input: given, replay: replay))
            }
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

    /// Gradients of the loss with respect to the last block's output; nil if nobody wants to go back from it.
    private func headGradients(
        _ end: StreamState,
        _ input: TransformerInput,
        _ around: GradientSums,
        _ sums: any GradientSink,
        loss: (StreamState) -> Tensor
    ) -> [Tensor?]? {
        let given = detached(end, tracked: true)
        let value = recordingGradients { loss(transformer.velocities(given, input)) }
        guard sums.accepts(value) else { return nil }
        guard value.requiresGradient else { return given.tensors.map { _ in nil } }
        let one = Tensor.full([], 1, dtype: value.dtype, device: value.device)
        return backward(from: [value], seeds: [one], parameters: ends, given.tensors, into: around)
    }

    /// Adds the gradients of what turns latents into tokens.
    private func embeddingGradients(
        _ input: TransformerInput,
        seeds: [Tensor?],
        _ around: GradientSums
    ) {
        guard !ends.isEmpty, !torchHasFailed else { return }
        let tokens = recordingGradients { transformer.embedded(input) }
        let (outputs, reached) = reached(tokens.tensors, seeds)
        _ = backward(from: outputs, seeds: reached, parameters: ends, [], into: around)
    }

    /// Adds the block's gradients of parameters to `sums` and of `shared` to them; returns those of its inputs.
    private func backward(
        from output: StreamState,
        seeds: [Tensor?],
        parameters: [Int: Tensor],
        inputs: [Tensor],
        shared: PassConditions,
        into sums: any GradientSink
    ) -> [Tensor?] {
        let (outputs, seeds) = reached(output.tensors, seeds)
        guard !outputs.isEmpty else { return inputs.map { _ in nil } }
        let found = backward(
            from: outputs,
            seeds: seeds,
            parameters: parameters,
            inputs + shared.tracked,
            into: sums
        )
        shared.add(found.dropFirst(inputs.count))
        return Array(found.prefix(inputs.count))
    }

    /// The outputs that a seed goes back from, with their seeds.
    private func reached(
        _ outputs: [Tensor],
        _ seeds: [Tensor?]
    ) -> (outputs: [Tensor], seeds: [Tensor]) {
        let pairs = zip(outputs, seeds).compactMap { tensor, seed in
            seed.flatMap { tensor.requiresGradient ? (tensor, $0) : nil }
        }
        return (pairs.map(\.0), pairs.map(\.1))
    }

    /// Adds gradients of parameters to `sums`; returns those of `inputs`.
    private func backward(
        from outputs: [Tensor],
        seeds: [Tensor],
        parameters: [Int: Tensor],
        _ inputs: [Tensor],
        into sums: any GradientSink
    ) -> [Tensor?] {
        let order = parameters.keys.sorted()
        guard !outputs.isEmpty, !(order.isEmpty && inputs.isEmpty) else {
            return inputs.map { _ in nil }
        }
        let all = inputs + order.compactMap { parameters[$0] }
        let found = gradients(of: outputs, seeds: seeds, for: all)
        for (index, gradient) in zip(order, found.dropFirst(inputs.count)) {
            if let gradient { sums.add(gradient, at: index) }
        }
        return Array(found.prefix(inputs.count))
    }
}
