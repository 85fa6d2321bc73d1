import Torch

/// How much the adapters of one layer are in each other's way, before or after a merge.
///
/// Everything comes from matrices `[R, R]`. The inputs that an adapter answers to stand for its own inputs, so
/// this says what the weights show; what really passes through a layer only a calibration knows.
public struct LayerInterference: Sendable, Equatable {
    /// Energy that others add on what an adapter answers to, over its own, by adapter.
    public var crossing: [Double] = []
    /// How much of an adapter's own answer is left on what it answers to: 1 is all of it, by adapter.
    public var own: [Double] = []
    /// `‖W‖² / ‖Σ ΔW‖²`.
    public var amplification = 1.0
    /// Predicted error of each adapter on its measured inputs; nil where nothing was measured.
    public var errors: [Double?] = []
}

/// How near the adapters of one layer lie to each other; a merge changes nothing of this but by its method.
public struct LayerGeometry: Sendable, Equatable {
    /// Root mean square of the cosines between the spaces that pairs of adapters read.
    public var inputCosine = 0.0
    /// The median of them.
    public var inputMedian = 0.0
    /// The same as `inputCosine` of what they write.
    public var outputCosine = 0.0
    /// What two random spaces of these sizes have: `√(r / in)`.
    public var chance = 0.0
    /// `⟨ΔWᵢ, ΔWⱼ⟩ / (‖ΔWᵢ‖ ‖ΔWⱼ‖)`, mean over pairs.
    public var alignment = 0.0
    /// `‖Bᵢᵀ Bⱼ‖ ‖Aᵢ Aⱼᵀ‖` over the same of each alone, mean over pairs.
    public var crossGram = 0.0
}

extension MergeLayer {
    /// How much the adapters are in each other's way once `mixing` is applied.
    public func interference(of mixing: Mixing) -> LayerInterference {
        let changed = changed(by: mixing)  // S A' Aᵀ, [R, R]
        var result = LayerInterference()
        for (index, range) in ranges.enumerated() {
            guard isLive[index] else {
                result.crossing.append(0)
                result.own.append(1)
                continue
            }
            let axes = answered(range)  // [r, k]
            let image = changed.columns(range).matmul(axes)  // [R, k]
            let before = inputs.columns(range).matmul(axes) * selector(index)
            let others = image * (selector(index) * -1 + 1)
            let mine = image * selector(index)
            let energy = max(energy(before, before), 1e-300)
            result.crossing.append(self.energy(others, others) / energy)
            result.own.append(self.energy(mine, before) / energy)
        }
        result.amplification = amplification(mixing)
        if let statistics, mixing.elements == nil {
            let matrix = mixing.input ?? .identity(rank)
            result.errors = errors(mixing.output.map { $0.matmul(matrix) } ?? matrix, statistics)
        }
        return result
    }

    /// How near the live adapters lie to each other.
    public var geometry: LayerGeometry {
        var (result, pairs) = (LayerGeometry(), 0.0)
        for (place, first) in live.enumerated() {
            for second in live[(place + 1)...] {
                add(ranges[first], ranges[second], to: &result)
                pairs += 1
            }
        }
        guard pairs > 0 else { return result }
        result.inputCosine /= pairs
        result.inputMedian /= pairs
        result.outputCosine /= pairs
        result.chance /= pairs
        result.alignment /= pairs
        result.crossGram /= pairs
        return result
    }

    /// `‖ΔW‖` of each adapter once its A is scaled; what other mixing leaves of it is not told here.
    func norms(scaledBy mixing: Mixing) -> [Double] {
        guard mixing.elements != nil else { return norms }
        let down = mixing.down(of: self)
        return ranges.map { range in
            let rows = down.rows(range)
            let gram = rows.matmul(rows.transposed).to(.float64)
            return max(0, gram.inner(outputs.block(range, range))).squareRoot()
        }
    }

    private func add(_ first: Range<Int>, _ second: Range<Int>, to result: inout LayerGeometry) {
        let read = cosines(inputs, first, second)
        result.inputCosine += rootMeanSquare(read)
        result.inputMedian += read.isEmpty ? 0 : read[read.count / 2]
        result.outputCosine += rootMeanSquare(cosines(outputs, first, second))
        result.chance += (Double(max(first.count, second.count)) / Double(down.size(1)))
            .squareRoot()
        let (a, b) = (inputs.block(first, second), outputs.block(first, second))
        let norms = max(norms(of: first) * norms(of: second), 1e-300)
        result.alignment += a.inner(b) / norms
        let alone = [first, second].map { range in
            let (a, b) = (inputs.block(range, range), outputs.block(range, range))
            return (a.inner(a) * b.inner(b)).squareRoot().squareRoot()
        }
        result.crossGram +=
            (a.inner(a) * b.inner(b)).squareRoot() / max(alone[0] * alone[1], 1e-300)
    }

    private func norms(of range: Range<Int>) -> Double {
        max(0, inputs.block(range, range).inner(outputs.block(range, range))).squareRoot()
    }

    /// Cosines of the principal angles between two row spaces, from large to small.
    private func cosines(_ gram: Tensor, _ first: Range<Int>, _ second: Range<Int>) -> [Double] {
        let left = Spectrum(gram.block(first, first), floor: floor)
        let right = Spectrum(gram.block(second, second), floor: floor)
        let overlap = (left.vectors / left.values.squareRoot()).transposed
            .matmul(gram.block(first, second)).matmul(right.vectors / right.values.squareRoot())
        return overlap.singularValues().s.doubles().map { min(1, $0) }
    }

    private func rootMeanSquare(_ values: [Double]) -> Double {
        guard !values.isEmpty else { return 0 }
        return (values.reduce(0) { $0 + $1 * $1 } / Double(values.count)).squareRoot()
    }

    /// Coordinates of an orthonormal basis of what an adapter reads.
    private func answered(_ range: Range<Int>) -> Tensor {
        let read = Spectrum(inputs.block(range, range), floor: floor)
        return read.vectors / read.values.squareRoot()
    }

    /// `⟨B x, B y⟩`.
    private func energy(_ x: Tensor, _ y: Tensor) -> Double { outputs.matmul(x).inner(y) }

    private func changed(by mixing: Mixing) -> Tensor {
        guard !mixing.isNone else { return inputs }
        let read =
            mixing.elements == nil
            ? (mixing.input?.matmul(inputs) ?? inputs)
            : mixing.down(of: self).matmul(down.transposed).to(.float64)
        return mixing.output.map { $0.matmul(read) } ?? read
    }

    private func amplification(_ mixing: Mixing) -> Double {
        let sum = max(outputs.inner(inputs), 1e-300)
        guard mixing.elements != nil else {
            let matrix = mixing.input ?? .identity(rank)
            let norm = norm(mixed: mixing.output.map { $0.matmul(matrix) } ?? matrix)
            return norm * norm / sum
        }
        let down = mixing.down(of: self)
        return outputs.inner(down.matmul(down.transposed).to(.float64)) / sum
    }
}
