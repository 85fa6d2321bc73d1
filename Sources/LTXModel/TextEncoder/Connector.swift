public import Torch

// Axes: B batch, N text tokens of the context, S those of the prompt, D width.

/// A small transformer that turns text features into the context of one modality.
///
/// Places behind the prompt are filled with learned registers, chosen by absolute position; from
/// there on all places count alike, so no mask is needed.
public final class Connector {
    private let configuration: ConnectorConfiguration
    private let registers: Tensor  // [R, D]
    private let blocks: [ConnectorBlock]
    private var ropes: [Int: RotaryTable] = [:]  // by length: a run uses one

    /// Reads `learnable_registers` and `transformer_1d_blocks` below the scope.
    public init(_ weights: WeightScope, _ configuration: ConnectorConfiguration) {
        self.configuration = configuration
        registers = weights.tensor(
            "learnable_registers",
            [configuration.registerCount, configuration.width]
        )
        blocks = (0..<configuration.blockCount).map {
            ConnectorBlock(weights / "transformer_1d_blocks" / $0, configuration)
        }
    }

    /// All linear layers: what adapters can be attached to.
    public var linears: [Linear] { blocks.flatMap(\.linears) }

    /// Turns the features of one prompt into a context.
    ///
    /// - Parameters:
    ///   - features: `[S, D]`, real tokens only.
    ///   - length: N, a multiple of the number of registers; 1024 for all released models.
    /// - Returns: `[1, N, D]`, in the type of the weights.
    /// - Throws: if the prompt is longer than the context, or the length does not fit.
    public func callAsFunction(_ features: Tensor, length: Int) throws -> Tensor {
        let used = features.size(0)
        guard used <= length, length.isMultiple(of: configuration.registerCount) else {
            throw ModelInputError(
                "text connector: got \(used) tokens for a context of \(length), should be at most "
                    + "that many in a multiple of \(configuration.registerCount); shorten the prompt"
            )
        }
        let filling = registers.repeated([length / configuration.registerCount, 1])
            .narrow(0, from: used, count: length - used)
        let start = features.to(registers.dtype, on: registers.device)
        let rope = rope(length)

        let x = Tensor.concatenate([start, filling], axis: 0).unsqueeze(0)
        return blocks.reduce(x) { $1($0, rope: rope) }.rmsNorm(epsilon: configuration.epsilon)
    }

    private func rope(_ length: Int) -> RotaryTable {
        if let known = ropes[length] { return known }
        let table = RotaryTable(
            positions: [(0..<length).map(Float.init)],
            maximum: [configuration.ropeMaximum],
            width: configuration.width,
            heads: configuration.heads,
            theta: configuration.ropeTheta,
            doublePrecision: configuration.ropeDoublePrecision,
            device: registers.device
        )
        if !torchHasFailed { ropes[length] = table }
        return table
    }
}

/// Self-attention and feed-forward, each behind a norm.
final class ConnectorBlock {
    private let attention: Attention
    private let feedForward: FeedForward
    private let epsilon: Double

    init(_ weights: WeightScope, _ configuration: ConnectorConfiguration) {
        attention = Attention(
            weights / "attn1",
            queryWidth: configuration.width,
            contextWidth: configuration.width,
            heads: configuration.heads,
            headWidth: configuration.headWidth,
            gated: configuration.gatedAttention,
            epsilon: configuration.epsilon
        )
        feedForward = FeedForward(weights / "ff", width: configuration.width)
        epsilon = configuration.epsilon
    }

    var linears: [Linear] { attention.linears + feedForward.linears }

    func callAsFunction(_ x: Tensor, rope: RotaryTable) -> Tensor {
        let asked = x.rmsNorm(epsilon: epsilon)
        let x = x + attention(asked, context: asked, queryRope: rope, keyRope: rope)
        return x + feedForward(x.rmsNorm(epsilon: epsilon))
    }
}
