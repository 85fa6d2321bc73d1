/// A part of the run file that a program may or may not be able to do.
public enum Feature: String, Sendable, Codable, CaseIterable {
    /// Training the transformer itself, without a `network` section.
    case fullFineTune
    /// `network.dropout`, `rank_dropout`, `module_dropout`.
    case adapterDropout
    /// `network.full_if_contains`.
    case fullDifferences
    /// `network.all_layers`, `transformer_only: false`.
    case layersOutsideBlocks
    /// `network.audio_linear`, `network.ranks`, `network.pathways`, `train.audio_lr`, `train.video_loss_multiplier`, `preset`.
    case modalitySettings
    /// `network.pretrained_lora_path`.
    case pretrainedAdapter
    /// `save.split`.
    case splitFiles
    /// `save.merge_statistics`.
    case mergeStatistics
    /// `train.ema_config`.
    case ema
    /// `train.diff_output_preservation`.
    case diffOutputPreservation
    /// `train.blank_prompt_preservation`.
    case blankPromptPreservation
    /// `train.voice_preservation`, asked for explicitly.
    case voicePreservation
    /// `train.audio_balance: loss_average`.
    case lossBalance
    /// `train.audio_balance: gradient_norm`.
    case gradientBalance
    /// `train.audio_timestep_type` other than uniform, `mixed_audio_timestep`.
    case audioTimesteps
    /// `train.strict_audio_mode: true`.
    case strictAudio
    /// Guidance losses, `do_cfg`.
    case guidanceLosses
    /// `train.do_differential_guidance`.
    case differentialGuidance
    /// `train.noise_offset`, `dynamic_noise_offset`, `noise_multiplier`.
    case noiseOffset
    /// Random noise shift and multiplier, pairing, consistent noise.
    case noiseVariants
    /// `train.content_or_style`, limits of the timesteps, `linear_timesteps`.
    case timestepChoice
    /// `train.max_loss`.
    case lossClamp
    /// `train.train_text_encoder`.
    case textEncoderTraining
    /// `train.held_out`.
    case heldOut
    /// `datasets[].is_reg`, `prior_reg`.
    case regularisation
    /// Loss masks.
    case masks
    /// `datasets[].network_weight`.
    case networkWeight
    /// `datasets[].do_i2v`.
    case firstFrame
    /// Token dropout and shuffling, random triggers.
    case captionTokens
    /// `random_crop`, `random_scale`.
    case randomCrops
    /// `sample` and `first_sample`.
    case sampling
    /// `model.layer_offloading`.
    case layerOffloading
    /// `model.low_vram`.
    case lowVRAM
    /// `model.compile`.
    case compile
    /// Several processes in one file.
    case severalProcesses
}

/// What a program can do of what a run file can ask for.
public struct Capabilities: Sendable, Equatable {
    /// Kinds of adapters.
    public var networkTypes: Set<NetworkType>
    /// Optimizers.
    public var optimizers: Set<OptimizerKind>
    /// Courses of the learning rate.
    public var schedulers: Set<LRScheduler>
    /// Ways to draw the video sigma.
    public var timestepTypes: Set<TimestepType>
    /// Losses.
    public var lossTypes: Set<LossType>
    /// Ways to store a frozen model.
    public var quantizations: Set<QuantizationFormat>
    /// Versions of the model.
    public var architectures: Set<Architecture>
    /// The rest.
    public var features: Set<Feature>
    /// What is done instead of something that cannot be done, so that it is a warning, no error.
    ///
    /// By key, such as `sample`, or by key and value, such as `train.optimizer=adamw8bit`;
    /// `datasets[].…` for any dataset.
    public var substitutes: [String: String]

    /// A program that can do what is listed.
    public init(
        networkTypes: Set<NetworkType> = [.lora],
        optimizers: Set<OptimizerKind> = [.adamw],
        schedulers: Set<LRScheduler> = [.constant],
        timestepTypes: Set<TimestepType> = [.sigmoid, .linear, .weighted],
        lossTypes: Set<LossType> = [.mse],
        quantizations: Set<QuantizationFormat> = [],
        architectures: Set<Architecture> = Set(Architecture.allCases),
        features: Set<Feature> = [],
        substitutes: [String: String] = [:]
    ) {
        self.networkTypes = networkTypes
        self.optimizers = optimizers
        self.schedulers = schedulers
        self.timestepTypes = timestepTypes
        self.lossTypes = lossTypes
        self.quantizations = quantizations
        self.architectures = architectures
        self.features = features
        self.substitutes = substitutes
    }

    /// Everything that a run file can ask for.
    public static let everything = Capabilities(
        networkTypes: Set(NetworkType.allCases),
        optimizers: Set(OptimizerKind.allCases),
        schedulers: Set(LRScheduler.allCases),
        timestepTypes: Set(TimestepType.allCases),
        lossTypes: Set(LossType.allCases),
        quantizations: Set(QuantizationFormat.allCases),
        features: Set(Feature.allCases)
    )
}
