import Torch

/// Subspace isolation as a ridge problem: each adapter answers to what it reads itself, less to what others read.
///
/// At strength 0 it is the exact sum; towards 1 each adapter tends to be exact on its own inputs. It does not
/// depend on the order of the adapters, nor on how their updates are split into factors, nor on users'
/// strengths. It knows the adapters' weights alone, so it reduces what bleeds as far as the weights show it.
public struct IsolateMethod: MergeMethod {
    /// How directions that an adapter reads are weighed.
    public enum Kind: String, CaseIterable, Sendable {
        /// By how strongly the adapter answers to them.
        case energy
        /// All alike.
        case flat
    }

    /// What is kept apart.
    public enum Side: String, CaseIterable, Sendable {
        /// What adapters read.
        case input
        /// What adapters write.
        case output
        /// What they read, then what they write.
        case both
    }

    /// From 0, the exact sum, to 1.
    public let strength: Double
    /// How directions are weighed.
    public let kind: Kind
    /// What is kept apart.
    public let side: Side

    /// Smallest λ: below it, pairs from one initialisation begin to be amplified.
    static let leastLambda = 0.01

    /// - Parameters:
    ///   - strength: 0 to 1.
    ///   - kind: how directions are weighed.
    ///   - side: what is kept apart.
    public init(strength: Double = 0.9, kind: Kind = .energy, side: Side = .input) {
        (self.strength, self.kind, self.side) = (strength, kind, side)
    }

    /// `isolate`.
    public var name: String { "isolate" }

    /// The weight of the sum in the ridge problem.
    static func lambda(_ strength: Double) -> Double {
        max(leastLambda, (1 - strength) / strength)
    }

    /// T, and S where outputs are kept apart.
    public func mixing(of layer: MergeLayer) -> Mixing {
        guard strength > 0 else { return .none }
        guard layer.live.count > 1 else { return .alone }
        var mixing = Mixing()
        if side != .output { isolateInputs(of: layer, into: &mixing) }
        if side != .input { isolateOutputs(of: layer, into: &mixing) }
        if layer.isOpposed { mixing.guards.insert(.opposed) }
        return mixing
    }

    private func isolateInputs(of layer: MergeLayer, into mixing: inout Mixing) {
        let kernel = RidgeKernel(
            inputs: layer.inputs,
            outputs: layer.outputs,
            of: layer,
            balance: layer.balance,
            kind: kind
        )
        let (matrix, isWeaker) = guarded(kernel) { layer.norm(mixed: $0) <= layer.limit }
        mixing.input = matrix
        if isWeaker { mixing.guards.insert(.amplification) }
    }

    /// The same problem of the transposed updates `Aᵢᵀ Bᵢᵀ`.
    private func isolateOutputs(of layer: MergeLayer, into mixing: inout Mixing) {
        let first = mixing.input ?? .identity(layer.rank)
        let kernel = RidgeKernel(
            inputs: layer.outputs,
            outputs: layer.inputs,
            of: layer,
            balance: layer.outputBalance,
            kind: kind
        )
        let (matrix, isWeaker) = guarded(kernel) {
            layer.norm(mixed: $0.transposed.matmul(first)) <= layer.limit
        }
        mixing.output = matrix.transposed
        if isWeaker { mixing.guards.insert(.amplification) }
    }

    /// Doubles λ until the result is no louder than it may be.
    private func guarded(
        _ kernel: RidgeKernel,
        _ isQuiet: (Tensor) -> Bool
    ) -> (matrix: Tensor, isWeaker: Bool) {
        let first = Self.lambda(strength)
        var lambda = first
        var matrix = kernel.mixing(lambda)
        while !isQuiet(matrix), lambda < 1e6, !torchHasFailed {
            lambda *= 2
            matrix = kernel.mixing(lambda)
        }
        return (matrix, lambda > first)
    }
}

extension Mixing {
    /// Nothing changes, since fewer than two adapters do anything.
    static var alone: Mixing {
        var mixing = Mixing()
        mixing.guards = [.alone]
        return mixing
    }
}

extension MergeLayer {
    /// How much louder than the sum, or than adapters without anything in common, a result may be.
    static let loudest = 1.25

    /// `‖W‖` that a method may reach.
    var limit: Double {
        let apart = norms.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return Self.loudest * max(norm(mixed: .identity(rank)), apart)
    }

    /// Whether the live adapters cancel more than nine tenths of what they are apart.
    var isOpposed: Bool {
        let apart = norms.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return live.count > 1 && norm(mixed: .identity(rank)) < 0.1 * apart
    }

    /// Like `balance`, of the columns of B.
    var outputBalance: Tensor { balance(of: outputs) }
}
