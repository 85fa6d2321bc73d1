import Adapters
import ClipCache
import LTXModel
import Torch
public import Training

/// A model with drawn weights, adapters and clips: everything that a training step needs, without a file.
public final class StepScene {
    /// The sizes.
    public let shape: StepShape
    /// Bytes on the device once all is there, before the first step.
    public let residentBytes: Int
    /// Bytes of weights in host memory.
    public let hostBytes: Int
    /// Number of trained values.
    public let valueCount: Int
    private let step: TrainingStep
    private let batch: TrainingBatch
    private var done = 0

    /// Builds it; a large model takes seconds.
    public convenience init(_ shape: StepShape) throws {
        let before = shape.device.usedMemory
        try self.init(shape, transformer: Self.transformer(shape), usedBefore: before)
    }

    /// Builds the rest around a transformer of the shape's sizes.
    convenience init(_ shape: StepShape, transformer: Transformer) throws {
        try self.init(shape, transformer: transformer, usedBefore: 0)
    }

    private init(_ shape: StepShape, transformer: Transformer, usedBefore before: Int) throws {
        self.shape = shape
        let network = try Self.network(transformer, shape)
        valueCount = network.parameterCount
        var options = StepOptions()
        options.checkpointing = shape.checkpointing
        options.seed = shape.seed
        var noise = FlowMatching.Options()
        noise.hasSound = shape.audioCount > 0
        noise.audioChannels = shape.config.audio.channels
        step = TrainingStep(
            transformer: transformer,
            network: network,
            optimizer: try withTorchErrors { shape.optimizer(network.parameters) },
            noise: FlowMatching(options: noise, device: shape.device, seed: shape.seed),
            options: options
        )
        batch = try Self.batch(shape)
        hostBytes = transformer.offloading?.hostBytes ?? 0
        residentBytes = shape.device.usedMemory - before
    }

    /// Runs the next step.
    @discardableResult
    public func run() throws -> StepReport {
        let report = try step.run([batch], after: done)
        try withTorchErrors { shape.device.synchronize() }
        done += 1
        return report
    }

    private static func transformer(_ shape: StepShape) throws -> Transformer {
        let reader = WeightReader(
            try DrawnWeights(seed: shape.seed, dtype: shape.dtype),
            named: "drawn weights",
            dtype: shape.dtype,
            device: shape.device,
            formatOf: { shape.quantization?.format(of: $0) }
        )
        let offloading = BlockOffloading(
            device: shape.device,
            share: shape.offloadedShare,
            slotCount: shape.slotCount
        )
        return try withTorchErrors {
            let made = Transformer(
                reader.root,
                config: shape.config,
                offloading: shape.offloadedShare > 0 ? offloading : nil
            )
            try reader.finish()
            return made
        }
    }

    private static func network(
        _ transformer: Transformer,
        _ shape: StepShape
    ) throws -> AdapterNetwork {
        let random = try RandomGenerator(seed: shape.seed)
        return try withTorchErrors {
            try AdapterNetwork(layers: transformer.blockLinears, rules: shape.rules) { layer in
                shape.recipe.adapter(
                    for: layer,
                    random: random,
                    device: shape.device,
                    activations: shape.dtype
                )
            }
        }
    }

    private static func batch(_ shape: StepShape) throws -> TrainingBatch {
        let random = try RandomGenerator(seed: shape.seed + 1)
        let config = shape.config
        func buffer(_ sizes: [Int]) -> FloatBuffer {
            FloatBuffer(shape: sizes, values: random.normal(sizes).floats())
        }
        func text(_ width: Int) -> Tensor {
            random.normal([1, shape.textCount, width]).to(shape.dtype)
        }
        let items = try withTorchErrors {
            (0..<shape.batchSize).map { index in
                let (frames, height, width) = shape.grid
                return TrainingItem(
                    name: "drawn \(index)",
                    video: buffer([config.video.channels, frames, height, width]),
                    audio: shape.audioCount > 0
                        ? buffer([shape.audioCount, config.audio.channels]) : nil,
                    text: TextContext(
                        video: text(config.captionWidth ?? config.video.width),
                        audio: text(config.captionWidth ?? config.audio.width)
                    )
                )
            }
        }
        return TrainingBatch(items: items, fps: 24, epoch: 0)
    }
}
