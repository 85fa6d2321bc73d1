public import Adapters
public import LTXModel
public import Torch
public import Training

/// Sizes of a training step that is measured.
public struct StepShape: Sendable {
    /// The transformer.
    public var config: TransformerConfiguration
    /// Latent frames, rows and columns of a clip.
    public var grid = (frames: 4, height: 10, width: 16)
    /// Audio latents of a clip; 0 for none.
    public var audioCount = 35
    /// Text tokens.
    public var textCount = 128
    /// Clips per step.
    public var batchSize = 1
    /// Kind, rank and options of the adapters.
    public var recipe = StepShape.adapters(rank: 32)
    /// Which layers get one.
    public var rules = AdapterRules()
    /// How the layers of the blocks are kept; nil keeps them in `dtype`.
    public var quantization: QuantizationRules?
    /// Makes the optimizer of the trained parameters.
    public var optimizer: @Sendable ([Tensor]) -> any Optimizer = { AdamW($0) }
    /// Which blocks are computed again.
    public var checkpointing = Checkpointing.all
    /// Share of the blocks' bytes in host memory.
    public var offloadedShare = 0.0
    /// Blocks in host memory that are on the device at a time.
    public var slotCount = 2
    /// Element type of weights and activations.
    public var dtype = DType.float32
    /// Where it runs.
    public var device = Device.cpu
    /// Draws weights, clips and noise.
    public var seed: UInt64 = 1

    /// A step of a transformer, with the sizes of `mini`.
    public init(config: TransformerConfiguration) { self.config = config }

    /// LoRA of a rank.
    public static func adapters(rank: Int) -> AdapterRecipe {
        var recipe = AdapterRecipe()
        recipe.rank = rank
        return recipe
    }

    /// Video tokens of a clip.
    public var videoCount: Int { grid.frames * grid.height * grid.width }
}

extension StepShape {
    /// The size at which peers are measured on CPUs: 4 blocks of width 512, 640 video tokens.
    public static let mini = StepShape(config: .sized(blocks: 4, heads: 8))

    /// LTX-2.3 as released, 1280×704 with 49 frames, rank 16: what SimpleTuner publishes figures for.
    public static let wide: StepShape = {
        var shape = StepShape(config: TransformerConfiguration(version: .ltx23))
        shape.grid = (7, 22, 40)
        shape.audioCount = 51
        shape.textCount = 1024
        shape.recipe.rank = 16
        shape.dtype = .bfloat16
        return shape
    }()

    /// LTX-2.3 as released, 512×320 with 81 frames, rank 32.
    public static let small: StepShape = {
        var shape = wide
        shape.grid = (11, 10, 16)
        shape.audioCount = 84
        shape.recipe.rank = 32
        return shape
    }()

    /// The shapes by name.
    public static let named: KeyValuePairs<String, StepShape> = [
        "mini": mini, "1280x704x49": wide, "512x320x81": small,
    ]
}

extension TransformerConfiguration {
    /// LTX-2.3 with so many blocks and heads; heads are as wide as the release's from 32 on, else half as wide.
    public static func sized(blocks: Int, heads: Int) -> TransformerConfiguration {
        let width = heads >= 32 ? 128 : 64
        return TransformerConfiguration(
            version: .ltx23,
            video: StreamConfiguration(heads: heads, headWidth: width),
            audio: StreamConfiguration(heads: heads, headWidth: width / 2),
            blockCount: blocks
        )
    }
}
