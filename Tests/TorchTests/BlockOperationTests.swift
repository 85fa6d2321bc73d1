import Testing

@testable import Torch

/// Steps of a block in one pass each way, against the same of plain operations in float64.
@Suite("Operations of a block") struct BlockOperationTests {
    private let random: RandomGenerator

    init() throws { random = try RandomGenerator(seed: 3) }

    /// Values and derivatives in float32, where passes are fused, and in float64, where they are not.
    private func compare(
        _ shapes: [[Int]],
        limit: Double = 1e-5,
        _ operation: ([Tensor]) -> [Tensor]
    ) throws {
        let inputs = shapes.map { random.normal($0) }
        let found = try [DType.float32, .float64].map { dtype in
            try withTorchErrors {
                let given = inputs.map { $0.to(dtype).clone() }
                for tensor in given { tensor.requiresGradient = true }
                let outputs = recordingGradients { operation(given) }
                let seeds = outputs.map { output in
                    (Tensor.range(to: Double(output.count)).reshape(output.shape) * 0.37).cos()
                        .to(dtype)
                }
                let back = gradients(of: outputs, seeds: seeds, for: given)
                return (outputs + back.compactMap(\.self)).map { $0.detach().to(.float64) }
            }
        }
        #expect(found[0].count == found[1].count && found[0].count > shapes.count)
        for (fused, plain) in zip(found[0], found[1]) {
            let difference = try withTorchErrors {
                ((fused - plain) * (fused - plain)).sum().item() / (plain * plain).sum().item()
            }
            #expect(difference.squareRoot() < limit)
        }
    }

    private func fixed(_ shape: [Int], like x: Tensor) throws -> Tensor {
        try RandomGenerator(seed: 8).normal(shape).to(x.dtype)
    }

    @Test(
        "norm and modulation, for one level an item and for levels of single tokens",
        arguments: [true, false],
        [48, 51]
    )
    func modulatedNorm(hasIndex: Bool, width: Int) throws {
        let index = hasIndex ? Tensor([0, 1, 2, 0, 1, 1, 2, 0, 0, 2, 1, 0, 0, 1]) : nil
        try compare([[2, 7, width]]) { inputs in
            guard let rows = try? fixed([2, hasIndex ? 3 : 2, width], like: inputs[0]) else {
                return []
            }
            return [
                inputs[0].modulatedNorm(
                    shift: rows.select(0, 0),
                    scale: rows.select(0, 1),
                    index: index,
                    epsilon: 1e-6
                )
            ]
        }
    }

    @Test("trained rows of a modulation get their gradients", arguments: [true, false])
    func trainedRows(hasIndex: Bool) throws {
        let index = hasIndex ? Tensor([0, 1, 1, 0, 1, 0, 0, 0, 1, 1]) : nil
        try compare([[2, 5, 16], [2, 16], [2, 16]]) {
            [$0[0].modulatedNorm(shift: $0[1], scale: $0[2], index: index, epsilon: 1e-6)]
        }
    }

    @Test("queries and keys, with and without positions", arguments: [true, false])
    func rotaryNorm(isTurned: Bool) throws {
        try compare([[2, 5, 3 * 14]]) { inputs in
            guard let angles = try? fixed([3, 5, 7], like: inputs[0]).to(.float32),
                let weight = try? fixed([42], like: inputs[0])
            else { return [] }
            return [
                inputs[0].rotaryNorm(
                    weight: weight,
                    angles: isTurned ? (angles.cos(), angles.sin()) : nil,
                    heads: 3,
                    epsilon: 1e-6
                )
            ]
        }
    }

    @Test("a trained weight of queries gets its gradient", arguments: [true, false])
    func trainedWeight(isTurned: Bool) throws {
        try compare([[2, 5, 3 * 14], [42]]) { inputs in
            guard let angles = try? fixed([3, 5, 7], like: inputs[0]).to(.float32) else {
                return []
            }
            return [
                inputs[0].rotaryNorm(
                    weight: inputs[1],
                    angles: isTurned ? (angles.cos(), angles.sin()) : nil,
                    heads: 3,
                    epsilon: 1e-6
                )
            ]
        }
    }

    @Test("gates of heads", arguments: [8, 19, 64])
    func gatedHeads(width: Int) throws {
        try compare([[2, 5, 3, width], [2, 5, 3]]) { [$0[0].gatedHeads($0[1])] }
    }

    @Test("GELU, far from zero too")
    func gelu() throws {
        try compare([[4, 64]]) { [($0[0] * 6).gelu()] }
        let far = Tensor([-200, -90, -20, 0, 0, 20, 90, 200] + [Float](repeating: 1, count: 8))
        let values = try withTorchErrors { far.gelu().floats() }
        for (value, expected) in zip(values, [0, 0, 0, 0, 0, 20, 90, 200] as [Float]) {
            #expect(abs(value - expected) < 1e-30)
        }
    }

    @Test("layers of one input with low-rank updates, together and one by one")
    func lowRankLinears() throws {
        let shapes = [[2, 5, 24], [4, 24], [6, 24], [3, 24], [12, 4], [9, 6], [7, 3], [7]]
        try compare(shapes, limit: 2e-5) { inputs in
            guard let matrices = try? [12, 9, 7].map({ try fixed([$0, 24], like: inputs[0]) }),
                let bias = try? fixed([12], like: inputs[0]),
                let last = try? fixed([7], like: inputs[0])
            else { return [] }
            let norm = last * last + 0.5
            let updates = [
                LowRankTerms(down: inputs[1], up: inputs[4], scale: 0.7),
                LowRankTerms(down: inputs[2], up: inputs[5], scale: 1),
                LowRankTerms(down: inputs[3], up: inputs[6], scale: 1.3, rows: (inputs[7], norm)),
            ]
            let biases = [bias, nil, last]
            guard inputs[0].dtype == .float64 else {
                let layers = zip(zip(matrices, biases), updates).map { layer, update in
                    (DenseWeight(layer.0), layer.1, update)
                }
                return Tensor.lowRankLinears(inputs[0], layers, hasValues: true)
            }
            let flat = inputs[0].reshape(-1, 24)
            return zip(zip(matrices, biases), updates).map { layer, update in
                let inner = flat.matmul(update.down.transpose(0, 1))
                let change = inner.matmul(update.up.transpose(0, 1)) * update.scale
                var sum = flat.linear(layer.0, bias: nil) + change
                if let rows = update.rows { sum = sum * (rows.magnitude / rows.norm) }
                if let bias = layer.1 { sum = sum + bias }
                return sum.reshape(2, 5, layer.0.size(0))
            }
        }
    }

    @Test(
        "outputs that nobody reads are zeros, and their gradients are the same",
        arguments: [false, true]
    )
    func withoutValues(isScaled: Bool) throws {
        let x = random.normal([3, 8])
        let weight = DenseWeight(random.normal([6, 8]))
        let (down, up) = (random.normal([2, 8]), random.normal([6, 2]))
        let (magnitude, norm) = (random.normal([6]), Tensor.full([6], 2))
        let trained = [x, down, up] + (isScaled ? [magnitude] : [])
        for tensor in trained { tensor.requiresGradient = true }
        let rows = isScaled ? (magnitude, norm) : nil
        let found = try withTorchErrors {
            [true, false].map { hasValues in
                let y = recordingGradients {
                    Tensor.lowRankLinears(
                        x,
                        [(weight, nil, LowRankTerms(down: down, up: up, scale: 1, rows: rows))],
                        hasValues: hasValues
                    )[0]
                }
                let seed = (Tensor.range(to: 18).reshape([3, 6]) * 0.3).sin()
                let back = gradients(of: [y], seeds: [seed], for: trained)
                return (y.floats(), back.map { $0?.floats() ?? [] })
            }
        }
        #expect(found[1].0 == [Float](repeating: 0, count: 18))
        #expect(found[0].1 == found[1].1 && !found[0].1.contains([]))
    }

    @Test(
        "attention that is known gives the same values and gradients as attention",
        arguments: [true, false]
    )
    func knownAttention(hasBias: Bool) throws {
        let inputs = [[2, 3, 5, 8], [2, 3, 7, 8], [2, 3, 7, 8]].map { random.normal($0) }
        for tensor in inputs { tensor.requiresGradient = true }
        let bias = hasBias ? Tensor.full([2, 1, 1, 7], -0.5) : nil
        try withTorchErrors {
            let first = withoutGradients {
                inputs[0].attentionWithSums(
                    key: inputs[1],
                    value: inputs[2],
                    bias: bias,
                    scale: 0.3
                )
            }
            guard let sums = first.sums else {
                Issue.record("a CPU gives the sums")
                return
            }
            let both = recordingGradients {
                [
                    inputs[0].attention(key: inputs[1], value: inputs[2], bias: bias, scale: 0.3),
                    inputs[0].knownAttention(
                        key: inputs[1],
                        value: inputs[2],
                        bias: bias,
                        scale: 0.3,
                        output: first.output,
                        sums: sums
                    ),
                ]
            }
            let back = both.map { output in
                gradients(of: [output], seeds: [output.detach().cos()], for: inputs).map {
                    $0?.floats() ?? []
                }
            }
            #expect(both[0].floats() == both[1].floats())
            #expect(back[0] == back[1] && !back[0].contains([]))
        }
    }

    @Test("a known sum goes back as the sum does, and reads no value", arguments: [true, false])
    func knownSum(hasGate: Bool) throws {
        let (x, y) = (random.normal([2, 3, 4]), random.normal([2, 3, 4]))
        let gate = hasGate ? random.normal([2, 1, 4]) : nil
        for tensor in [x, y] { tensor.requiresGradient = true }
        try withTorchErrors {
            let nothing = y * .infinity
            let found = recordingGradients {
                [
                    gate.map { x.adding(y, times: $0) } ?? x + y,
                    x.knownSum(y, times: gate, known: Tensor.full([2, 3, 4], 7)),
                    (x * 1).knownSum(nothing, times: gate, known: x),
                ]
            }
            #expect(found[1].floats() == [Float](repeating: 7, count: 24))
            let seed = y.detach().sin()
            let back = found.prefix(2).map { output in
                gradients(of: [output], seeds: [seed], for: [x, y]).map { $0?.floats() ?? [] }
            }
            #expect(back[0] == back[1] && !back[0].contains([]))
            #expect(found[2].floats() == x.floats())
        }
    }
}
