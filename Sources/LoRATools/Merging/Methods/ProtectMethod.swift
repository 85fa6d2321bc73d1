import Torch

/// One adapter goes first: what it answers to most is taken from what the others read.
///
/// It is itself unchanged. Minimises `‖X − ΔWⱼ‖² + μ ‖X V diag(σ / σ₁)‖²` for each other adapter j, with V and σ of the protected one.
public struct ProtectMethod: MergeMethod {
    /// Number of the protected adapter, from 0.
    public let adapter: Int
    /// From 0, the exact sum, to 1.
    public let strength: Double
    /// How its directions are weighed.
    public let kind: IsolateMethod.Kind

    /// - Parameters:
    ///   - adapter: its number, from 0.
    ///   - strength: 0 to 1.
    ///   - kind: how its directions are weighed.
    public init(_ adapter: Int, strength: Double = 0.9, kind: IsolateMethod.Kind = .energy) {
        (self.adapter, self.strength, self.kind) = (adapter, strength, kind)
    }

    /// `protect:1` for the first one.
    public var name: String { "protect:\(adapter + 1)" }

    /// T with the identity in the protected adapter's rows.
    public func mixing(of layer: MergeLayer) -> Mixing {
        guard strength > 0 else { return .none }
        guard layer.live.count > 1, layer.isLive[adapter] else { return .alone }
        let own = layer.ranges[adapter]
        let directions = directions(of: layer)  // H D Hᵀ, [r, r]
        let taken = layer.inputs.columns(own).matmul(directions)  // [R, r]
        let others = layer.selector(adapter) * -1 + 1
        var columns = [Tensor]()
        if own.lowerBound > 0 {
            columns.append(.zeros([layer.rank, own.lowerBound], dtype: .float64))
        }
        columns.append(taken * others)
        if own.upperBound < layer.rank {
            columns.append(.zeros([layer.rank, layer.rank - own.upperBound], dtype: .float64))
        }
        return Mixing(input: .identity(layer.rank) - .concatenate(columns, axis: 1))
    }

    /// `H D Hᵀ` with V = Aᵀ H and D = μ e / (1 + μ e), e the share of a direction.
    private func directions(of layer: MergeLayer) -> Tensor {
        let own = layer.ranges[adapter]
        let read = Spectrum(layer.inputs.block(own, own), floor: layer.floor)
        let root = read.values.squareRoot()
        let axes = read.vectors / root  // [r, k]
        let image = (read.vectors * root).transposed
            .matmul(layer.outputs.block(own, own)).matmul(read.vectors * root)
        let answer = Spectrum(image, floor: layer.floor)
        let weight = 1 / IsolateMethod.lambda(strength)
        let shares = kind == .flat ? answer.values * 0 + 1 : answer.values / answer.largest
        let damping = shares * weight / (shares * weight + 1)
        let h = axes.matmul(answer.vectors)
        return (h * damping).matmul(h.transposed)
    }
}
