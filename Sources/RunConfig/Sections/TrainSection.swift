/// The `train:` section: how to train.
public struct TrainSection: Sendable, Equatable {
    // Course of the run.

    /// Key `steps`: optimizer steps in total, resumed ones included.
    public var steps = 1000
    /// Key `batch_size`: items per micro-batch.
    public var batchSize = 1
    /// Key `gradient_accumulation` (or `gradient_accumulation_steps`): micro-batches per step.
    public var gradientAccumulation = 1
    /// Key `single_item_batching`: run the items of a batch one by one.
    public var singleItemBatching = false
    /// Key `dtype`: element type of the base model and its activations.
    public var dtype = ComputeDType.bf16
    /// Key `gradient_checkpointing`: blocks whose activations are computed again instead of kept.
    public var gradientCheckpointing = GradientCheckpointing.all
    /// Key `start_step`: overrides the step of the checkpoint.
    public var startStep: Int?
    /// Key `skip_first_sample`: no preview before the first step.
    public var skipFirstSample = false
    /// Key `force_first_sample`: a preview before the first step of a resumed run too.
    public var forceFirstSample = false
    /// Key `disable_sampling`: no previews at all.
    public var disableSampling = false
    /// Key `train_text_encoder`: train the connectors behind the text encoder.
    public var trainTextEncoder = false
    /// Key `unload_text_encoder`: encode one prompt only; captions are ignored.
    public var unloadTextEncoder = false
    /// Key `cache_text_embeddings`: the default of every dataset.
    public var cacheTextEmbeddings = false
    /// Key `caption_dropout_rate`: the default of every dataset.
    public var captionDropoutRate: Double?
    /// Section `ema_config`: running mean of the weights.
    public var emaConfig = EMASection()
    /// Key `held_out`: clips that are measured and never trained on.
    public var heldOut: HeldOut?
    /// Key `keep_best`: keep the adapters that were best on held-out clips.
    public var keepBest = true
    /// Key `held_out_every`: steps between two measurements.
    public var heldOutEvery = 100

    // Optimizer.

    /// Key `lr`: learning rate.
    public var lr = 1e-6
    /// Key `audio_lr`: learning rate of the audio side; `nil` is `lr`.
    public var audioLR: Double?
    /// Key `optimizer`: kind of optimizer.
    public var optimizer = OptimizerKind.adamw
    /// Key `optimizer_params`: its parameters under the names of the original, as given.
    public var optimizerParams: [String: ConfigValue] = [:]
    /// Key `lr_scheduler`: course of the learning rate.
    public var lrScheduler = LRScheduler.constant
    /// Key `lr_scheduler_params`: its parameters as given; `schedule` has the effective ones.
    public var lrSchedulerParams: [String: ConfigValue] = [:]
    /// The course of the learning rate with all defaults filled in.
    public var schedule = LearningRateSchedule()
    /// Key `max_grad_norm`: gradients of a larger norm are scaled down to it.
    public var maxGradNorm = 1.0

    // Noise and timesteps.

    /// Key `timestep_type`: how the video sigma is drawn.
    public var timestepType = TimestepType.sigmoid
    /// Key `content_or_style`: noise levels that are preferred.
    public var contentOrStyle = ContentOrStyle.balanced
    /// Key `content_or_style_reg`: the same for regularisation sets.
    public var contentOrStyleReg = ContentOrStyle.balanced
    /// Key `min_denoising_steps`: lowest index into the descending table; 0 is pure noise.
    public var minDenoisingSteps = 0
    /// Key `max_denoising_steps`: highest index into the descending table.
    public var maxDenoisingSteps = 999
    /// Key `num_train_timesteps`: length of the table.
    public var numTrainTimesteps = 1000
    /// Key `next_sample_timesteps`: length of the table of `next_sample`.
    public var nextSampleTimesteps = 8
    /// Key `linear_timesteps`: uniform sigma with a bell of loss weights.
    public var linearTimesteps = false
    /// Key `linear_timesteps2`: the same with half a bell.
    public var linearTimesteps2 = false
    /// Key `noise_multiplier`: scales the noise.
    public var noiseMultiplier = 1.0
    /// Key `noise_offset`: adds one draw per channel, scaled.
    public var noiseOffset = 0.0
    /// Key `dynamic_noise_offset`: adds half the mean of the latent.
    public var dynamicNoiseOffset = false
    /// Key `random_noise_shift`: adds one draw per channel and latent frame, scaled.
    public var randomNoiseShift = 0.0
    /// Key `random_noise_multiplier`: scales noise per channel and latent frame.
    public var randomNoiseMultiplier = 0.0
    /// Key `optimal_noise_pairing_samples`: noises drawn per item, of which the nearest is used.
    public var optimalNoisePairingSamples = 1
    /// Key `force_consistent_noise`: one noise per item.
    public var forceConsistentNoise = false

    // Loss.

    /// Key `loss_type`: how velocities are compared.
    public var lossType = LossType.mse
    /// Key `max_loss`: clamps the loss.
    public var maxLoss: Double?
    /// Key `reg_weight`: factor of the loss of regularisation batches.
    public var regWeight = 1.0
    /// Key `inverted_mask_prior`: outside the mask keep to the frozen model.
    public var invertedMaskPrior = false
    /// Key `inverted_mask_prior_multiplier`: factor of that loss.
    public var invertedMaskPriorMultiplier = 0.5
    /// Key `diff_output_preservation`: keep what the model does for the class word.
    public var diffOutputPreservation = false
    /// Key `diff_output_preservation_multiplier`: factor of that loss.
    public var diffOutputPreservationMultiplier = 1.0
    /// Key `diff_output_preservation_class`: replaces the trigger word.
    public var diffOutputPreservationClass = ""
    /// Key `blank_prompt_preservation`: keep what the model does without a prompt.
    public var blankPromptPreservation = false
    /// Key `blank_prompt_preservation_multiplier`: factor of that loss.
    public var blankPromptPreservationMultiplier = 1.0
    /// Key `do_guidance_loss`: train towards a guided prediction.
    public var doGuidanceLoss = false
    /// Key `guidance_loss_target`: guidance scale, or its lowest and highest value.
    public var guidanceLossTarget: [Double] = [3]
    /// Key `guidance_loss_schedule`: how the scale depends on sigma.
    public var guidanceLossSchedule = GuidanceSchedule.constant
    /// Key `do_guidance_loss_cfg_zero`: scale the unconditional prediction first.
    public var doGuidanceLossCFGZero = false
    /// Key `unconditional_prompt`: the prompt of the unconditional prediction.
    public var unconditionalPrompt = ""
    /// Key `do_differential_guidance`: push the target away from the prediction.
    public var doDifferentialGuidance = false
    /// Key `differential_guidance_scale`: how far.
    public var differentialGuidanceScale = 3.0
    /// Key `do_cfg`: guide the prediction while training; not with sound.
    public var doCFG = false
    /// Key `do_random_cfg`: the same at a drawn scale.
    public var doRandomCFG = false
    /// Key `cfg_scale`: guidance scale of `do_cfg`.
    public var cfgScale = 1.0
    /// Key `max_cfg_scale`: highest scale of `do_random_cfg`.
    public var maxCFGScale = 1.0

    // Sound.

    /// Key `independent_audio_timestep`: the audio has a sigma of its own.
    public var independentAudioTimestep = true
    /// Key `audio_timestep_type`: how that sigma is drawn.
    public var audioTimestepType = AudioTimestepType.uniform
    /// Key `mixed_audio_timestep`: share of steps in which both have one sigma after all.
    public var mixedAudioTimestep = 0.0
    /// Key `video_loss_multiplier`: factor of the video loss; at 0 the picture is only there to be seen.
    public var videoLossMultiplier = 1.0
    /// Key `audio_loss_multiplier`: factor of the audio loss, unless it is balanced.
    public var audioLossMultiplier = 1.0
    /// Key `auto_balance_audio_loss`: balance by running means of both losses.
    public var autoBalanceAudioLoss = false
    /// Key `audio_balance`: what balances the losses; follows `auto_balance_audio_loss`.
    public var audioBalance = AudioBalance.fixed
    /// Key `strict_audio_mode`: `true` stops a run without enough sound, `false` allows broken sound.
    public var strictAudioMode: Bool?
    /// Key `strict_audio_min_supervised_ratio`: what is enough.
    public var strictAudioMinSupervisedRatio = 0.9
    /// Key `strict_audio_warmup_steps`: steps before it is asked.
    public var strictAudioWarmupSteps = 50
    /// Key `voice_preservation`; `nil` is on when some clips have sound and some do not.
    public var voicePreservation: VoicePreservation?

    /// The section's defaults.
    public init() {}

    init(from section: inout ConfigSection) {
        readCourse(from: &section)
        readOptimizer(from: &section)
        readTimesteps(from: &section)
        readNoise(from: &section)
        readLoss(from: &section)
        readPreservation(from: &section)
        readGuidance(from: &section)
        readSound(from: &section)
        readUnused(from: &section)
        section.rejectUnknownKeys()
    }
}
