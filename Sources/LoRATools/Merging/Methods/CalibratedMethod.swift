import Torch

/// Kept apart by what the layer really sees: each adapter's inputs were measured while it was active.
///
/// Minimises `Σ errᵢ + λ ‖W − Σ ΔWⱼ‖² / ‖Σ ΔWⱼ‖² + ω ‖W X₀‖²` over `W = B T A`, with
/// `errᵢ = ‖(W − ΔWᵢ) Xᵢ‖² / ‖ΔWᵢ Xᵢ‖²` and X₀ of prompts that name no character.
public struct CalibratedMethod: MergeMethod {
    /// Weight of the sum; results are alike from 1e-4 to 1e-2.
    public let lambda: Double
    /// Weight of leaving other prompts alone: 0 to 1.
    public let anchor: Double

    /// How far beyond the limit of the other ways a result may be: measured inputs may call for more, and
    /// the predicted error tells; only a blow-up is held back.
    static let loudest = 3.0

    /// - Parameters:
    ///   - lambda: above 0.
    ///   - anchor: 0 or more; counts only where such prompts were measured.
    public init(lambda: Double = 1e-3, anchor: Double = 0.1) {
        (self.lambda, self.anchor) = (lambda, anchor)
    }

    /// `calibrated`.
    public var name: String { "calibrated" }

    /// T of the normal equations, in coordinates where `A Aᵀ` is the identity.
    public func mixing(of layer: MergeLayer) throws -> Mixing {
        guard layer.live.count > 1 else { return .alone }
        guard let statistics = layer.statistics else { throw MergeError.noStatistics }
        let energies = layer.energies(statistics)
        let sum = max(layer.outputs.inner(layer.inputs), 1e-300)
        let ridge = layer.inputs * (lambda / sum)
        var (wanted, total) = (ridge, ridge)
        for index in layer.live where energies[index] > 0 {
            let share = statistics.adapters[index] / energies[index]
            wanted = wanted + share * layer.selector(index)
            total = total + share
        }
        if let generic = statistics.generic, anchor > 0 {
            let mean = layer.live.map { energies[$0] }.reduce(0, +) / Double(layer.live.count)
            if mean > 0 { total = total + generic * (anchor / mean) }
        }
        return guarded(solve(wanted, total, layer), layer)
    }

    /// `wanted · total⁻¹` on the space that A spans.
    private func solve(_ wanted: Tensor, _ total: Tensor, _ layer: MergeLayer) -> Tensor {
        let balance = layer.balance
        let weights = balance.unsqueeze(0) * balance.unsqueeze(1)
        let spectrum = Spectrum(layer.inputs * weights, floor: layer.floor)
        let white = spectrum.vectors / spectrum.values.squareRoot()  // [R, k]
        let size = white.size(1)
        let matrix = white.transposed.matmul(total * weights).matmul(white).symmetrized
        let least = 1e-12 * matrix.inner(.identity(size))
        let right = white.transposed.matmul((wanted * weights).transposed)  // [k, R]
        let solved = (matrix + .identity(size) * least).solve(right)
        let mixing = solved.transposed.matmul(white.transposed)
        return mixing * balance.unsqueeze(0) / balance.unsqueeze(1)
    }

    /// Moves towards the sum until the result is no louder than it may be.
    private func guarded(_ mixing: Tensor, _ layer: MergeLayer) -> Mixing {
        var (result, share) = (mixing, 1.0)
        let identity = Tensor.identity(layer.rank)
        while layer.norm(mixed: result) > Self.loudest * layer.limit, share > 1e-3, !torchHasFailed
        {
            share /= 2
            result = mixing * share + identity * (1 - share)
        }
        var guarded = Mixing(input: result)
        if share < 1 { guarded.guards.insert(.amplification) }
        return guarded
    }
}

extension MergeLayer {
    /// `‖ΔWᵢ Xᵢ‖²` of each adapter.
    func energies(_ statistics: LayerStatistics) -> [Double] {
        zip(ranges, statistics.adapters).map {
            max(0, outputs.block($0, $0).inner($1.block($0, $0)))
        }
    }

    /// `‖(B T A − ΔWᵢ) Xᵢ‖² / ‖ΔWᵢ Xᵢ‖²` of each adapter; nil for those that do nothing.
    func errors(_ mixing: Tensor, _ statistics: LayerStatistics) -> [Double?] {
        zip(ranges.indices, energies(statistics)).map { index, energy in
            guard isLive[index], energy > 0 else { return nil }
            let rest = mixing - .identity(rank) * selector(index)
            let image = rest.transposed.matmul(outputs).matmul(rest)
            return max(0, image.inner(statistics.adapters[index])) / energy
        }
    }
}
