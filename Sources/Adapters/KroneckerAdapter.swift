public import Torch

// Axes: T tokens, out = a · b, in = c · d, r rank of the second factor.

/// LoKr: `y = W x + b + (w1 ⊗ w2) x` with w1 `[a, c]`, and w2 `[b, d]` whole or a product over a rank.
///
/// - Source: "Navigating text-to-image customization: from LyCORIS fine-tuning to model evaluation",
///   Yeh et al., 2024.
public final class KroneckerAdapter: TrainableAdapter {
    private let first: Tensor  // [a, c]
    private let second: SecondFactor
    private let shape: KroneckerShape
    private var dropout: UpdateDropout
    /// Factor on the update, for items that want it weaker or stronger.
    public var strength = 1.0

    /// The second factor; the scale belongs to the product over a rank alone.
    private enum SecondFactor {
        case whole(Tensor)  // [b, d]
        case product(Tensor, Tensor, scale: Double)  // [b, r], [r, d]
    }

    /// Zeros of given sizes, both factors whole.
    init(shape: KroneckerShape, device: Device) {
        first = .zeros([shape.a, shape.c], device: device)
        second = .whole(.zeros([shape.b, shape.d], device: device))
        self.shape = shape
        dropout = UpdateDropout(.none)
    }

    /// A fresh adapter: w1 uniform within ±1/√c, w2 zero.
    ///
    /// A nil rank, and one of half the second factor's larger side or more, keeps that factor whole; a
    /// factor of -1 is the most balanced one; the scale belongs to updates of a rank.
    public init(
        for layer: Linear,
        rank: Int?,
        factor: Int,
        scale: Double = 1,
        dropout: AdapterDropout = .none,
        random: RandomGenerator,
        device: Device
    ) {
        let shape = KroneckerShape(layer.inputCount, layer.outputCount, factor: factor)
        func uniform(_ rows: Int, _ columns: Int) -> Tensor {
            random.uniform([rows, columns], within: fanBound(columns)).to(on: device).detach()
        }
        first = uniform(shape.a, shape.c)
        if let rank = rank.flatMap({ shape.secondRank($0, isFull: false) }) {
            let right = Tensor.zeros([rank, shape.d], device: device)
            second = .product(uniform(shape.b, rank), right, scale: scale)
        } else {
            second = .whole(.zeros([shape.b, shape.d], device: device))
        }
        self.shape = shape
        self.dropout = UpdateDropout(dropout)
        for parameter in parameters { parameter.requiresGradient = true }
    }

    /// LoKr.
    public var kind: AdapterKind { .lokr }

    /// w1, then w2 or its two parts.
    public var parameters: [Tensor] {
        switch second {
        case .whole(let matrix): [first, matrix]
        case .product(let left, let right, _): [first, left, right]
        }
    }

    /// w1, then w2 or its two parts.
    public var parameterNames: [String] {
        switch second {
        case .whole: ["lokr_w1", "lokr_w2"]
        case .product: ["lokr_w1", "lokr_w2_a", "lokr_w2_b"]
        }
    }

    /// The factors, the scale in w2; readers that find no alpha scale by 1.
    public var stored: [StoredTensor] {
        withoutGradients {
            var tensors = parameters
            if case .product(let left, _, let scale) = second {
                tensors[1] = rescaled(left, scale)
            }
            return zip(parameterNames, tensors).map { StoredTensor($0, $1) }
        }
    }

    /// Takes a LoKr of the same factors, in one piece or over a rank of at most this one.
    public func begin(with record: AdapterRecord) throws(AdapterMismatch) {
        try record.expect([.lokr], for: kind)
        let w1 = try record.product("lokr_w1")
        try record.check("lokr_w1", w1, [shape.a, shape.c], fix: "use the file's lokr_factor")
        switch second {
        case .whole(let matrix):
            let w2 = rescaled(try record.product("lokr_w2"), record.kroneckerScale)
            try record.check("lokr_w2", w2, [shape.b, shape.d])
            withoutGradients { matrix.copy(from: w2) }
        case .product(let left, let right, let scale):
            try begin(left, right, scale: scale, with: record)
        }
        withoutGradients { first.copy(from: w1) }
    }

    /// Of a wider product the rest stays as it was made, where the right part is zero.
    private func begin(_ left: Tensor, _ right: Tensor, scale: Double, with record: AdapterRecord)
        throws(AdapterMismatch)
    {
        guard record.tensors["lokr_w2"] == nil else {
            throw record.mismatch("has a whole second factor", "set lokr_full_rank: true")
        }
        let (a, b) = (try record.tensor("lokr_w2_a"), try record.tensor("lokr_w2_b"))
        let count = try record.rank(of: a, along: 1, atMost: left.size(1))
        try record.check("lokr_w2_a", a, [shape.b, count])
        try record.check("lokr_w2_b", b, [count, shape.d])
        withoutGradients {
            left.narrow(1, from: 0, count: count)
                .copy(from: rescaled(a, record.kroneckerScale / scale))
            right.scale(by: 0)
            right.narrow(0, from: 0, count: count).copy(from: b)
        }
    }

    /// Draws the dropout masks of the next step.
    public func prepareStep(random: RandomGenerator?) {
        dropout.prepare(rows: shape.a * shape.b, random: random, device: first.device)
    }

    /// `‖w1‖ · ‖w2‖`.
    public var changeNorm: Tensor {
        let length = Tensor.totalNorm([first])
        switch second {
        case .whole(let matrix): return length * Tensor.totalNorm([matrix])
        case .product(let left, let right, let scale):
            return length * productNorm(left, right) * abs(scale)
        }
    }

    /// `sum` and the update of `x`.
    public func added(to sum: Tensor, base: Tensor, of layer: Linear, for x: Tensor) -> Tensor {
        dropout.added(to: sum, of: layer, for: x, strength: strength) { x in
            let split = x.reshape(-1, shape.c, shape.d).transpose(1, 2)  // [T, d, c]
            let outer = split.linear(first.to(x.dtype)).transpose(1, 2)  // [T, a, d]
            return inner(outer).reshape(-1, shape.a * shape.b)
        }
    }

    /// `x w2ᵀ` over the last axis.
    private func inner(_ x: Tensor) -> Tensor {
        switch second {
        case .whole(let matrix): x.linear(matrix.to(x.dtype))
        case .product(let left, let right, let scale):
            x.linear(right.to(x.dtype)).linear(rescaled(left, scale).to(x.dtype))
        }
    }
}
