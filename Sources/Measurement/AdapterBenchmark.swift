public import Adapters
public import Torch
import Training

/// Times training steps of kinds of adapters on the linear layers of a block, taking turns.
///
/// A step is what training does with a block: forward without a record, forward with one, backward,
/// AdamW. Attention and norms, which cost the same for every kind, are left out: in training the
/// kinds lie closer together than here.
public struct AdapterBenchmark {
    /// Width of the stream; the feed-forward layers are four times as wide.
    public var width = 1024
    /// Tokens of a step.
    public var tokens = 1024
    /// Rank of the adapters.
    public var rank = 32
    /// Measured steps of each kind; three more warm up.
    public var rounds = 20
    /// Where it runs.
    public var device = Device.cpu
    /// Type of weights and activations.
    public var dtype = DType.float32

    /// A benchmark of default sizes.
    public init() {}

    /// A kind and how long its steps take.
    public struct Result {
        /// The kind.
        public let kind: AdapterKind
        /// Median of the steps, in seconds.
        public let median: Double
        /// The shortest step, in seconds.
        public let shortest: Double
    }

    /// Takes turns with all kinds, so that whatever slows the machine slows all of them.
    public func run(_ kinds: [AdapterKind]) throws -> [Result] {
        try withTorchErrors {
            let subjects = try kinds.map { try Subject(kind: $0, benchmark: self) }
            var times = kinds.map { _ in [Double]() }
            for round in -3..<rounds {
                for (index, subject) in subjects.enumerated() {
                    let seconds = try subject.step()
                    if round >= 0 { times[index].append(seconds) }
                }
            }
            return zip(kinds, times).map { kind, times in
                let sorted = times.sorted()
                return Result(
                    kind: kind,
                    median: sorted[sorted.count / 2],
                    shortest: sorted[0]
                )
            }
        }
    }

    /// Layers with adapters of one kind, and what a step needs.
    private final class Subject {
        private let layers: [Linear]
        private let network: AdapterNetwork
        private let optimizer: AdamW
        private let input: Tensor  // [1, T, D]
        private let seed: Tensor
        private let device: Device

        init(kind: AdapterKind, benchmark: AdapterBenchmark) throws {
            let random = try RandomGenerator(seed: 1)
            let (width, device, dtype) = (benchmark.width, benchmark.device, benchmark.dtype)
            func draw(_ shape: [Int], _ deviation: Double) -> Tensor {
                (random.normal(shape) * deviation).to(dtype, on: device)
            }
            let attention = ["attn1", "attn2"].flatMap { name in
                ["to_q", "to_k", "to_v", "to_out.0"].map { ("\(name).\($0)", width, width) }
            }
            let forward = [("ff.net.0.proj", width, 4 * width), ("ff.net.2", 4 * width, width)]
            layers = (attention + forward).map { name, input, output in
                Linear(
                    path: "transformer_blocks.0.\(name)",
                    weight: DenseWeight(draw([output, input], 1 / Double(input).squareRoot())),
                    bias: draw([output], 0.1)
                )
            }
            var recipe = AdapterRecipe()
            recipe.kind = kind
            recipe.rank = benchmark.rank
            network = try AdapterNetwork(layers: layers, rules: AdapterRules()) {
                recipe.adapter(for: $0, random: random, device: device, activations: dtype)
            }
            optimizer = AdamW(network.parameters, options: AdamW.Options())
            input = draw([1, benchmark.tokens, width], 1)
            seed = draw([1, benchmark.tokens, width], 1)
            self.device = device
        }

        /// Runs a step and returns its seconds.
        func step() throws -> Double {
            device.synchronize()
            let begun = ContinuousClock.now
            network.prepareStep(random: nil)
            _ = withoutGradients { forward() }
            input.requiresGradient = true
            let output = recordingGradients { forward() }
            let found = gradients(
                of: [output],
                seeds: [seed],
                for: [input] + network.parameters
            )
            withoutGradients {
                optimizer.step(
                    parameters: network.parameters,
                    gradients: Array(found.dropFirst()),
                    rates: network.parameters.map { _ in 1e-4 }
                )
            }
            network.parametersChanged()
            device.synchronize()
            return (ContinuousClock.now - begun) / .seconds(1)
        }

        private func forward() -> Tensor { layers.reduce(input) { $1($0) } }
    }
}
