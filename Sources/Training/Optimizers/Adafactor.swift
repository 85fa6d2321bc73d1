public import Torch

// Axes: N parameters of one shape, R rows, C columns.

/// Adam whose squares are kept as means of rows and of columns.
///
/// Matrices of one shape go through each operation together.
///
/// - Source: "Adafactor: adaptive learning rates with sublinear memory cost", Shazeer and Stern, 2018;
///   transformers' `Adafactor`, with ai-toolkit's defaults: the rate is the run's.
public final class Adafactor: Optimizer {
    /// What a run file may set under `optimizer_params`.
    public struct Options: Equatable, Sendable {
        /// Decay of a running mean of the steps; nil for none.
        public var beta1: Double?
        /// Added to squared gradients.
        public var epsilon = 1e-30
        /// Root mean square of a step before its rate, at most.
        public var clipThreshold = 1.0
        /// The squares forget with the number of steps to this power.
        public var decayRate = -0.8
        /// Share of a weight that a step of rate 1 takes away.
        public var decay = 0.0
        /// Whether rates are times the root mean square of the weights.
        public var scalesByWeights = false
        /// Whether the rate follows from the number of steps; the run's rates are then shares of it.
        public var isRelative = false
        /// Whether such a rate begins small.
        public var warmsUp = false

        /// The defaults.
        public init() {}
    }

    private let options: Options
    private let rows: [Tensor]  // [R]; of parameters with one axis all elements
    private let columns: [Tensor?]  // [C]
    private let means: FloatMoments?
    private var counts: [Int]
    private var relativeRate: Double?

    /// An optimizer for these parameters, in this order.
    public init(_ parameters: [Tensor], options: Options = Options()) {
        self.options = options
        rows = parameters.map { parameter in
            let shape = parameter.shape
            return .zeros(shape.count > 1 ? shape.dropLast() : shape, device: parameter.device)
        }
        columns = parameters.map { parameter in
            let shape = parameter.shape
            guard shape.count > 1 else { return nil }
            return .zeros(shape.dropLast(2) + shape.suffix(1), device: parameter.device)
        }
        means = options.beta1.map { _ in FloatMoments(of: parameters) }
        counts = Array(repeating: 0, count: parameters.count)
    }

    /// Its name.
    public var name: String { "adafactor" + (options.beta1 == nil ? "" : "_mean") }

    /// Steps are clipped by `clipThreshold`.
    public var limitsItself: Bool { true }

    /// The rate that follows from the number of steps, if it does.
    public var rateFactor: Double { relativeRate ?? 1 }

    private struct Kind: Hashable {
        var shape: [Int]
        var count: Int
    }

    /// Each parameter has a state of its own.
    public var stepsApart: Bool { true }

    /// One step in place; a parameter without a gradient is left alone.
    public func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {
        for index in gradients.indices where gradients[index] != nil { counts[index] += 1 }
        var kinds: [Kind: Int] = [:]
        for index in gradients.indices where gradients[index] != nil {
            kinds[kind(of: index, parameters)] = index
        }
        let top = rates.max() ?? 0
        let parts = StepPart.parts(parameters, gradients, rates: rates) {
            kinds[kind(of: $0, parameters)] ?? $0
        }
        for part in parts { step(part, rate: rate(of: part, top: top)) }
    }

    private func kind(of index: Int, _ parameters: [Tensor]) -> Kind {
        Kind(shape: parameters[index].shape, count: counts[index])
    }

    private func rate(of part: StepPart, top: Double) -> Double {
        guard options.isRelative, top > 0 else { return part.rate }
        let count = Double(counts[part.indices[0]])
        let most = options.warmsUp ? 1e-6 * count : 1e-2
        let rate = min(most, 1 / count.squareRoot())
        relativeRate = rate / top
        return rate * part.rate / top
    }

    private func step(_ part: StepPart, rate: Double) {
        let gradient = Tensor.stack(part.gradients.tensors)  // [N, R, C]
        let axes = Array(1..<gradient.rank)
        let forgotten = power(Double(counts[part.indices[0]]), options.decayRate)
        let square = gradient * gradient + options.epsilon
        var update = gradient * scale(of: square, part, forgotten: forgotten)
        let size = (update * update).mean(axes, keep: true).squareRoot()
        update = update / (size / options.clipThreshold).clamped(1, .infinity)
        let weights = Tensor.stack(part.parameters.tensors.map { $0.detach() })
        let rates = weightScale(weights, axes) * rate
        update = update * rates
        let changes = TensorList(slices(of: update))
        if options.decay != 0 {
            part.parameters.add(TensorList(slices(of: weights * rates)), times: -options.decay)
        }
        part.parameters.add(averaged(changes, part), times: -1)
    }

    /// What gradients are multiplied by, from the kept means and new squares; `[N, R, C]`.
    private func scale(of square: Tensor, _ part: StepPart, forgotten: Double) -> Tensor {
        let rowList = TensorList(part.indices.map { rows[$0] })
        let columnList = TensorList(part.indices.compactMap { columns[$0] })
        rowList.scale(by: 1 - forgotten)
        guard !columnList.tensors.isEmpty else {
            rowList.add(TensorList(slices(of: square)), times: forgotten)
            return Tensor.stack(rowList.tensors).reciprocalSquareRoot()
        }
        rowList.add(TensorList(slices(of: square.mean([-1]))), times: forgotten)
        columnList.scale(by: 1 - forgotten)
        columnList.add(TensorList(slices(of: square.mean([-2]))), times: forgotten)
        let row = Tensor.stack(rowList.tensors)
        let column = Tensor.stack(columnList.tensors)
        let share = (row / row.mean([-1], keep: true)).reciprocalSquareRoot()
        return share.unsqueeze(-1) * column.reciprocalSquareRoot().unsqueeze(-2)
    }

    private func weightScale(_ weights: Tensor, _ axes: [Int]) -> Tensor {
        guard options.scalesByWeights else { return .full([1], 1, device: weights.device) }
        return (weights * weights).mean(axes, keep: true).squareRoot().clamped(1e-3, .infinity)
    }

    private func averaged(_ changes: TensorList, _ part: StepPart) -> TensorList {
        guard let beta1 = options.beta1, let means else { return changes }
        let mean = means.read(part.indices)
        mean.scale(by: beta1)
        mean.add(changes, times: 1 - beta1)
        return mean
    }

    private func slices(of stack: Tensor) -> [Tensor] {
        (0..<stack.size(0)).map { stack.select(0, $0) }
    }

    /// Means of rows and columns, of steps where they are kept, and step counts.
    public var state: [(name: String, tensor: Tensor)] {
        rows.enumerated().map { ("row.\($0)", $1) }
            + columns.enumerated().compactMap { index, column in
                column.map { ("column.\(index)", $0) }
            }
            + (means?.state("mean") ?? []) + [("counts", Tensor(counts))]
    }

    /// Takes back what `state` gave.
    public func restore(_ load: (String) throws -> Tensor) throws {
        for index in rows.indices {
            rows[index].copy(from: try load("row.\(index)"))
            columns[index]?.copy(from: try load("column.\(index)"))
        }
        try means?.restore("mean", load)
        counts = try load("counts").integers()
    }
}
