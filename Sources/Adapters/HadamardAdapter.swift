public import Torch

/// LoHa: `y = W x + b + scale · ((a₁ b₁) ∘ (a₂ b₂)) x` with a `[out, r]` and b `[r, in]`.
///
/// - Source: "FedPara: Low-rank Hadamard product for communication-efficient federated learning",
///   Hyeon-Woo et al., 2022.
public final class HadamardAdapter: TrainableAdapter {
    private let first: (a: Tensor, b: Tensor)
    private let second: (a: Tensor, b: Tensor)
    private let scale: Double
    private var dropout: UpdateDropout
    /// Factor on the update beside the scale, for items that want it weaker or stronger.
    public var strength = 1.0

    /// Given products, of a `[out, r]` and b `[r, in]`.
    init(first: (a: Tensor, b: Tensor), second: (a: Tensor, b: Tensor)) {
        self.first = first
        self.second = second
        scale = 1
        dropout = UpdateDropout(.none)
    }

    /// A fresh adapter: the first product normal, with deviation 0.1 on its left; the second zero there.
    public init(
        for layer: Linear,
        rank: Int,
        scale: Double = 1,
        dropout: AdapterDropout = .none,
        random: RandomGenerator,
        device: Device
    ) {
        func normal(_ rows: Int, _ columns: Int, _ deviation: Double) -> Tensor {
            (random.normal([rows, columns]) * deviation).to(on: device).detach()
        }
        let (input, output) = (layer.inputCount, layer.outputCount)
        first = (normal(output, rank, 0.1), normal(rank, input, 1))
        second = (.zeros([output, rank], device: device), normal(rank, input, 1))
        self.scale = scale
        self.dropout = UpdateDropout(dropout)
        for parameter in parameters { parameter.requiresGradient = true }
    }

    static func valueCount(_ input: Int, _ output: Int, rank: Int) -> Int {
        2 * rank * (input + output)
    }

    /// LoHa.
    public var kind: AdapterKind { .loha }

    /// Both parts of the first product, then of the second.
    public var parameters: [Tensor] { [first.a, first.b, second.a, second.b] }

    /// Both parts of the first product, then of the second.
    public var parameterNames: [String] {
        ["hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"]
    }

    /// The parts, the scale in the second product; readers that find no alpha scale by 1.
    public var stored: [StoredTensor] {
        withoutGradients {
            let tensors = [first.a, first.b, rescaled(second.a, scale), second.b]
            return zip(parameterNames, tensors).map { StoredTensor($0, $1) }
        }
    }

    /// Takes a LoHa of at most this rank.
    public func begin(with record: AdapterRecord) throws(AdapterMismatch) {
        try record.expect([.loha], for: kind)
        let a = try record.tensor("hada_w1_a")
        let count = try record.rank(of: a, along: 1, atMost: first.a.size(1))
        let factor = record.alpha.map { $0 / Double(count) } ?? 1
        try begin(first, count, factor: 1, "hada_w1", record)
        try begin(second, count, factor: factor / scale, "hada_w2", record)
    }

    /// Of wider parts the rest has zeros on the left, so that the product is that of the file.
    private func begin(
        _ parts: (a: Tensor, b: Tensor),
        _ count: Int,
        factor: Double,
        _ name: String,
        _ record: AdapterRecord
    ) throws(AdapterMismatch) {
        let (a, b) = (try record.tensor(name + "_a"), try record.tensor(name + "_b"))
        try record.check(name + "_a", a, [parts.a.size(0), count])
        try record.check(name + "_b", b, [count, parts.b.size(1)])
        withoutGradients {
            parts.a.scale(by: 0)
            parts.a.narrow(1, from: 0, count: count).copy(from: rescaled(a, factor))
            parts.b.narrow(0, from: 0, count: count).copy(from: b)
        }
    }

    /// Draws the dropout masks of the next step.
    public func prepareStep(random: RandomGenerator?) {
        dropout.prepare(rows: first.a.size(0), random: random, device: first.a.device)
    }

    /// Norm of the difference; some rows at a time, since nothing smaller gives it.
    public var changeNorm: Tensor {
        let rows = first.a.size(0)
        let parts = stride(from: 0, to: rows, by: 1024).map { start in
            let count = min(1024, rows - start)
            func part(_ x: (a: Tensor, b: Tensor)) -> Tensor {
                x.a.narrow(0, from: start, count: count).matmul(x.b)
            }
            return part(first) * part(second)
        }
        return Tensor.totalNorm(parts) * abs(scale)
    }

    /// `sum` and the update of `x`.
    public func added(to sum: Tensor, base: Tensor, of layer: Linear, for x: Tensor) -> Tensor {
        dropout.added(to: sum, of: layer, for: x, strength: strength) {
            $0.hadamardProduct(first, second, scale: scale)
        }
    }
}
