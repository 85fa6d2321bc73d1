/// A frozen matrix in whatever form it is kept; dense today, quantised forms beside it.
public protocol LinearWeight: AnyObject {
    /// Sizes, `[out, in]`.
    var shape: [Int] { get }
    /// Bytes that the form takes.
    var byteCount: Int { get }
    /// All tensors that the form holds; what they stand for may change place between two products.
    var tensors: [Tensor] { get }
    /// `x Wᵀ + b` over the last axis of `x` `[..., in]`.
    func product(_ x: Tensor, bias: Tensor?) -> Tensor
    /// Sum of the squares of each row, `[out]`, float32; computed once.
    var rowSquares: Tensor { get }
    /// Of the matrix's rows w and those u of a low-rank update: `⟨w, u⟩`, `‖u‖²`, `‖w + u‖`; `[3, out]`.
    func rowTerms(of update: LowRankTerms, squares: Tensor, least: Double, type: DType) -> Tensor
}

extension LinearWeight {
    /// From `W Aᵀ`, a product like any other; no matrix `[out, in]` is made.
    ///
    /// - Parameters:
    ///   - update: A and B, float32.
    ///   - squares: `rowSquares`, where A and B are.
    ///   - least: no length is below it.
    ///   - type: what the product is computed in.
    /// - Returns: `[3, out]`, float32.
    public func rowTerms(of update: LowRankTerms, squares: Tensor, least: Double, type: DType)
        -> Tensor
    {
        withoutGradients {
            // Between two visits a weight may be in host memory: then this is computed there.
            let place = tensors.first?.device ?? update.up.device
            let images = product(update.down.to(type, on: place), bias: nil).transpose(0, 1)
            return images.to(update.up.dtype, on: update.up.device).rowTerms(
                update.down,
                update.up,
                squares: squares,
                scale: update.scale,
                least: least
            )
        }
    }
}

/// A plain matrix.
public final class DenseWeight: LinearWeight {
    let matrix: Tensor  // [out, in]

    /// Takes `matrix` `[out, in]` as it is.
    public init(_ matrix: Tensor) { self.matrix = matrix }

    /// Sizes, `[out, in]`.
    public var shape: [Int] { matrix.shape }

    /// Bytes of the matrix.
    public var byteCount: Int { matrix.byteCount }

    /// The matrix.
    public var tensors: [Tensor] { [matrix] }

    /// `x Wᵀ + b`.
    public func product(_ x: Tensor, bias: Tensor?) -> Tensor { x.linear(matrix, bias: bias) }

    /// In one pass over the matrix.
    public func rowTerms(of update: LowRankTerms, squares: Tensor, least: Double, type: DType)
        -> Tensor
    {
        withoutGradients {
            matrix.denseRowTerms(
                update.down,
                update.up,
                squares: squares,
                scale: update.scale,
                least: least
            )
        }
    }

    /// Sum of the squares of each row, `[out]`, float32.
    public private(set) lazy var rowSquares: Tensor = withoutGradients {
        // Some rows at a time: a float32 copy of the whole matrix would be larger than itself.
        let rows = matrix.size(0)
        let parts = stride(from: 0, to: rows, by: 1024).map { start in
            let part = matrix.narrow(0, from: start, count: min(1024, rows - start)).to(.float32)
            return (part * part).sum([1])
        }
        return .concatenate(parts, axis: 0)
    }
}

/// What a trained adapter adds to a linear layer.
public protocol LinearAdapter: AnyObject {
    /// The adapted layer's output for `x` `[..., in]`; `layer.base(x)` is the frozen part.
    func output(of layer: Linear, for x: Tensor) -> Tensor
    /// The adapter as a plain low-rank update, if at present it is nothing else.
    var lowRank: LowRankTerms? { get }
}

extension LinearAdapter {
    /// Something else.
    public var lowRank: LowRankTerms? { nil }
}

/// `y = W x + b` with a frozen weight and, while one is attached, an adapter.
public final class Linear {
    /// The layer's name in the checkpoint, without `.weight`.
    public let path: String
    /// Width of the input.
    public let inputCount: Int
    /// Width of the output.
    public let outputCount: Int
    /// The frozen matrix.
    public let weight: any LinearWeight
    /// What is added, `[out]`.
    public let bias: Tensor?
    /// What is trained on top; nil means the frozen layer.
    public var adapter: (any LinearAdapter)?

    /// Reads `weight` `[out, in]` and `bias` `[out]` below the scope.
    public init(_ weights: WeightScope, _ inputCount: Int, _ outputCount: Int, bias: Bool = true) {
        path = weights.path
        self.inputCount = inputCount
        self.outputCount = outputCount
        weight = weights.matrix("weight", [outputCount, inputCount])
        self.bias = bias ? weights.tensor("bias", [outputCount]) : nil
    }

    /// The frozen tensors: weight and bias.
    public var tensors: [Tensor] { weight.tensors + (bias.map { [$0] } ?? []) }
    /// A layer over a weight in any form.
    public init(path: String, weight: any LinearWeight, bias: Tensor? = nil) {
        self.path = path
        (outputCount, inputCount) = (weight.shape[0], weight.shape[1])
        self.weight = weight
        self.bias = bias
    }

    /// Applies the layer to the last axis.
    public func callAsFunction(_ x: Tensor) -> Tensor { Self.outputs(of: [self], for: x)[0] }

    /// Applies the layer by itself, whatever its weight and adapter are.
    func alone(_ x: Tensor) -> Tensor {
        guard let adapter else { return base(x) }
        return adapter.output(of: self, for: x)
    }

    /// Applies the frozen layer alone.
    public func base(_ x: Tensor) -> Tensor { weight.product(x, bias: bias) }
}
