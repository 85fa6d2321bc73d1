/// Weights of any shape that a model asks for, drawn from a seed: for measuring without a checkpoint.
///
/// Matrices keep the size of what goes through them, norms are near 1. All are cut from one pool, so that a
/// model of many gigabytes is there in seconds; its layers are not independent of each other.
public final class DrawnWeights: WeightSource {
    private let pool: Tensor  // [N], normal
    private let dtype: DType
    private var start = 0

    /// Weights in `dtype`.
    public init(seed: UInt64, dtype: DType = .float32) throws {
        pool = try withTorchErrors { try RandomGenerator(seed: seed).normal([1 << 22]) }
        self.dtype = dtype
    }

    /// None: whatever is asked for is there.
    public let names: [String] = []

    /// Nil: what may be absent is absent.
    public func shape(of name: String) -> [Int]? { nil }

    /// What is asked for.
    public func shape(of name: String, expecting shape: [Int]) -> [Int]? { shape }

    /// Fails: without a shape there is nothing to draw.
    public func load(_ name: String) throws -> Tensor { throw CheckpointError(missing: [name]) }

    /// Draws a tensor.
    public func load(_ name: String, expecting shape: [Int]) throws -> Tensor {
        let inputs = shape.dropFirst().reduce(1, *)
        let isNorm = name.contains("norm") && name.hasSuffix("weight")
        let spread =
            shape.count > 1 && !name.contains("table") ? 1 / Double(inputs).squareRoot() : 0.1
        let values = taken(shape.reduce(1, *)).reshape(shape) * spread
        return (isNorm ? values + 1 : values).to(dtype)
    }

    /// The next values of the pool, from its start again where it ends.
    private func taken(_ count: Int) -> Tensor {
        let size = pool.count
        start = (start + 65537) % size
        let turns = (start + count + size - 1) / size
        let whole = turns > 1 ? pool.repeated([turns]) : pool
        return whole.narrow(0, from: start, count: count)
    }
}
