import Foundation
public import Torch

// Axes: N samples, d width of picture and of caption, h width inside.

/// Two characters in a network so small that the truth is known: what a merge loses can be measured.
///
/// A frozen network of three layers maps a picture and a caption to a picture. A character changes that by a
/// shift and a map of its own when its trigger stands in the caption; a LoRA is trained for each.
public final class MergeToy {
    /// Sizes and training of the network.
    public struct Sizes: Sendable {
        /// Width of picture and caption.
        public var width = 32
        /// Width inside.
        public var inner = 96
        /// Rank of the adapters.
        public var rank = 8
        /// Steps of training of each adapter.
        public var steps = 600
        /// Learning rate.
        public var rate = 2e-3
        /// Whether both adapters begin with the same A.
        public var sharesBeginning = false

        /// The hard one: few dimensions, so that both adapters read much of the same.
        public static let hard = Sizes()

        /// The usual case: far more dimensions than ranks.
        public static let wide: Sizes = {
            var sizes = Sizes()
            (sizes.width, sizes.inner, sizes.steps, sizes.rate) = (256, 512, 800, 1e-3)
            return sizes
        }()
    }

    /// How far a result is from the truth.
    public struct Score: Sendable {
        /// Squared error of each character, 1 is that of the frozen network.
        public let errors: [Double]
        /// How far a character moves towards the other: 0 not at all, 0.5 half-way.
        public let bleed: Double
        /// Change where no character is named, as a share of what a character changes there.
        public let drift: Double

        /// Mean error of the characters.
        public var error: Double { errors.reduce(0, +) / Double(errors.count) }
    }

    /// Factors of both adapters, by layer.
    public private(set) var adapters: [[LowRankFactors]] = []
    /// What both read at each layer while one is active.
    public private(set) var statistics: [LayerStatistics] = []
    /// The same from a few rows of each adapter's inputs, as a run saves them; generic prompts are not known.
    public private(set) var sketched: [LayerStatistics] = []
    let sizes: Sizes
    private let random: RandomGenerator
    private let layers: [Tensor]
    private let person: Tensor
    private let triggers: [Tensor]
    private let content: Tensor
    private let identities: [(shift: Tensor, map: Tensor)]
    private var trials: [Sample] = []

    struct Sample {
        let picture: Tensor
        let caption: Tensor
    }

    /// Trains both adapters.
    public init(seed: UInt64, _ sizes: Sizes = .hard) throws {
        self.sizes = sizes
        let random = try RandomGenerator(seed: seed)
        let (d, h) = (sizes.width, sizes.inner)
        func matrix(_ rows: Int, _ columns: Int) -> Tensor {
            random.normal([rows, columns]) * (1 / Double(columns).squareRoot())
        }
        layers = [matrix(h, 2 * d), matrix(h, h), matrix(d, h)]
        person = random.normal([d])
        triggers = (0..<2).map { _ in random.normal([d]) * 0.7 }
        let decay = (Tensor.range(to: Double(d)) * (-1 / 8)).exp()
        content = random.normal([d, d]) * decay * (2 / Double(d).squareRoot())
        identities = (0..<2).map { _ in
            (random.normal([d]), matrix(d, d) * 3 * decay)
        }
        self.random = random
        adapters = try (0..<2).map { try trained($0, seed: seed) }
        trials = [0, 1, nil].map { sample($0, 1500) }
        (statistics, sketched) = measured(4000)
    }

    // MARK: - The network

    typealias Adapter = [LowRankFactors]

    func output(_ sample: Sample, _ adapter: Adapter?, watch: ((Int, Tensor) -> Void)? = nil)
        -> Tensor
    {
        var x = Tensor.concatenate([sample.picture, sample.caption], axis: 1)
        for (index, layer) in layers.enumerated() {
            watch?(index, x)
            var y = x.linear(layer)
            if let factors = adapter?[index] {
                y = y + x.linear(factors.down).linear(factors.up)
            }
            x = index < 2 ? y.gelu() : y
        }
        return x
    }

    private func sample(_ character: Int?, _ count: Int) -> Sample {
        let d = sizes.width
        let named = character.map { person + triggers[$0] } ?? person
        return Sample(
            picture: random.normal([count, d]).matmul(content.transposed),
            caption: random.normal([count, d]) * 0.3 + named
        )
    }

    private func truth(_ character: Int, _ sample: Sample) -> Tensor {
        let identity = identities[character]
        return output(sample, nil) + identity.shift + sample.picture.linear(identity.map)
    }

    // MARK: - Training

    private func trained(_ character: Int, seed: UInt64) throws -> Adapter {
        let own = sizes.sharesBeginning ? 0 : UInt64(character)
        let start = try RandomGenerator(seed: 1000 + own + 17 * seed)
        let downs = layers.map { layer in
            (start.uniform([sizes.rank, layer.size(1)]) * 2 - 1)
                * (1 / Double(layer.size(1)).squareRoot())
        }
        let ups = layers.map { Tensor.zeros([$0.size(0), sizes.rank]) }
        let parameters = TensorList((downs + ups).map { $0.detach() })
        for parameter in parameters.tensors { parameter.requiresGradient = true }
        let (means, squares) = (parameters.tensors.zeros, parameters.tensors.zeros)
        for step in 1...sizes.steps {
            let batch = sample(character, 128)
            let target = truth(character, batch)
            let slopes = recordingGradients {
                let rest = output(batch, factors(parameters.tensors)) - target
                return gradients(
                    of: [(rest * rest).mean()],
                    seeds: [.full([], 1)],
                    for: parameters.tensors
                )
            }
            withoutGradients {
                adamStep(
                    parameters: parameters,
                    gradients: TensorList(slopes.compactMap(\.self)),
                    means: means,
                    squares: squares,
                    step: step,
                    rate: sizes.rate,
                    beta1: 0.9,
                    beta2: 0.999,
                    epsilon: 1e-8,
                    decay: 0,
                    decoupled: true
                )
            }
        }
        return factors(parameters.tensors.map { $0.detach() })
    }

    private func factors(_ parameters: [Tensor]) -> Adapter {
        layers.indices.map {
            LowRankFactors(down: parameters[$0], up: parameters[$0 + layers.count])
        }
    }

    // MARK: - Measuring

    private func measured(_ count: Int) -> ([LayerStatistics], [LayerStatistics]) {
        let active: [Adapter?] = [adapters[0], adapters[1], nil]
        let downs = layers.indices.map { index in
            Tensor.concatenate(adapters.map { $0[index].down }, axis: 0)
        }
        let sums = [0, 1, nil].enumerated().map { place, character in
            var seen: [(whole: Tensor, sketched: Tensor)] = []
            _ = output(sample(character, count), active[place]) { index, x in
                seen.append(
                    (Self.gram(of: x, downs[index]), Self.gram(of: Self.rows(x), downs[index]))
                )
            }
            return seen
        }
        return (
            layers.indices.map {
                LayerStatistics(
                    adapters: [sums[0][$0].whole, sums[1][$0].whole],
                    generic: sums[2][$0].whole
                )
            },
            layers.indices.map {
                LayerStatistics(adapters: [sums[0][$0].sketched, sums[1][$0].sketched])
            }
        )
    }

    private static func gram(of x: Tensor, _ down: Tensor) -> Tensor {
        let read = x.matmul(down.transposed).to(.float64)
        return read.transposed.matmul(read)
    }

    /// As many rows as a run saves, of as many as it looks at.
    private static func rows(_ x: Tensor) -> Tensor {
        let sketch = InputSketch(size: StatisticsCollector.rowCount, limit: 2048)
        sketch.add(x)
        return sketch.result?.to(.bfloat16).to(.float32) ?? x
    }

    /// The layers of a merge, with what was measured or with what runs save.
    public func mergeLayers(fromSketches: Bool = false) -> [MergeLayer] {
        layers.indices.map { index in
            let known = fromSketches ? sketched : statistics
            return MergeLayer(adapters.map { $0[index] }, statistics: known[index])
        }
    }

    /// Both characters with the adapters that a method makes of theirs.
    public func score(
        _ method: any MergeMethod,
        scale: Double = 1,
        fromSketches: Bool = false
    ) throws -> Score {
        score(
            try mergeLayers(fromSketches: fromSketches).map { layer in
                let mixing = try method.mixing(of: layer)
                return LowRankFactors(
                    down: mixing.down(of: layer),
                    up: mixing.up(of: layer) * scale
                )
            }
        )
    }

    /// Both characters with one set of adapters.
    public func score(_ adapter: [LowRankFactors]) -> Score { score([adapter, adapter]) }

    /// Each character with its own adapter alone: the best that a merge could reach.
    public var single: Score { score(adapters) }

    /// Both characters with dense updates, by layer.
    public func score(dense: [Tensor], scale: Double = 1) -> Score {
        score(
            dense.map { update in
                let size = update.size(1)
                let identity = Tensor.diagonal([Double](repeating: 1, count: size))
                return LowRankFactors(
                    down: identity.to(.float32),
                    up: (update * scale).to(.float32)
                )
            }
        )
    }

    private func score(_ adapters: [Adapter]) -> Score {
        var (errors, bleeds) = ([Double](), [Double]())
        for character in 0..<2 {
            let trial = trials[character]
            let goal = truth(character, trial)
            let rest = output(trial, adapters[character]) - goal
            let base = output(trial, nil) - goal
            let other = truth(1 - character, trial) - goal
            errors.append(rest.inner(rest) / base.inner(base))
            bleeds.append(rest.inner(other) / other.inner(other))
        }
        let generic = output(trials[2], nil)
        let wanted = truth(0, trials[2]) - generic
        let drifts = adapters.map { adapter -> Double in
            let change = output(trials[2], adapter) - generic
            return change.inner(change) / wanted.inner(wanted)
        }
        return Score(
            errors: errors,
            bleed: bleeds.reduce(0, +) / 2,
            drift: drifts.reduce(0, +) / Double(drifts.count)
        )
    }
}

extension [Tensor] {
    fileprivate var zeros: TensorList { TensorList(map { .zeros($0.shape) }) }
}
