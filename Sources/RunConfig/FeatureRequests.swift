/// What a process asks for beyond the plainest run, with the key that asks.
enum FeatureRequests {
    typealias Request = (isAsked: Bool, feature: Feature, path: String)

    static func of(_ process: ProcessSection) -> [Request] {
        let plain = TrainSection()
        return of(process.train, plain) + noise(process.train, plain)
            + (process.network.map(of) ?? [(true, .fullFineTune, "network")])
            + [
                (process.preset != nil, .modalitySettings, "preset"),
                (process.save.split, .splitFiles, "save.split"),
                (process.save.mergeStatistics, .mergeStatistics, "save.merge_statistics"),
                (process.sample != nil && !process.train.disableSampling, .sampling, "sample"),
                (process.model.layerOffloading != .off, .layerOffloading, "model.layer_offloading"),
                (process.model.lowVRAM, .lowVRAM, "model.low_vram"),
                (process.model.compile, .compile, "model.compile"),
            ]
    }

    static func of(_ network: NetworkSection) -> [Request] {
        [
            (network.dropout > 0, .adapterDropout, "network.dropout"),
            (network.rankDropout > 0, .adapterDropout, "network.rank_dropout"),
            (network.moduleDropout > 0, .adapterDropout, "network.module_dropout"),
            (network.allLayers, .layersOutsideBlocks, "network.all_layers"),
            (!network.transformerOnly, .layersOutsideBlocks, "network.transformer_only"),
            (
                network.fullIfContains?.isEmpty == false, .fullDifferences,
                "network.network_kwargs.full_if_contains"
            ),
            (network.audioLinear != nil, .modalitySettings, "network.audio_linear"),
            (!network.ranks.isEmpty, .modalitySettings, "network.ranks"),
            (network.pathways != nil, .modalitySettings, "network.pathways"),
            (network.pretrainedLoraPath != nil, .pretrainedAdapter, "network.pretrained_lora_path"),
        ]
    }

    private static func of(_ train: TrainSection, _ plain: TrainSection) -> [Request] {
        [
            (train.emaConfig.useEMA, .ema, "train.ema_config"),
            (
                train.diffOutputPreservation, .diffOutputPreservation,
                "train.diff_output_preservation"
            ),
            (
                train.blankPromptPreservation, .blankPromptPreservation,
                "train.blank_prompt_preservation"
            ),
            (train.voicePreservation?.isOn == true, .voicePreservation, "train.voice_preservation"),
            (train.audioBalance == .lossAverage, .lossBalance, "train.auto_balance_audio_loss"),
            (train.audioBalance == .gradientNorm, .gradientBalance, "train.audio_balance"),
            (train.audioTimestepType != .uniform, .audioTimesteps, "train.audio_timestep_type"),
            (train.mixedAudioTimestep > 0, .audioTimesteps, "train.mixed_audio_timestep"),
            (train.strictAudioMode == true, .strictAudio, "train.strict_audio_mode"),
            (train.doGuidanceLoss, .guidanceLosses, "train.do_guidance_loss"),
            (
                train.doDifferentialGuidance, .differentialGuidance,
                "train.do_differential_guidance"
            ),
            (train.doCFG, .guidanceLosses, "train.do_cfg"),
            (train.doRandomCFG, .guidanceLosses, "train.do_random_cfg"),
            (train.maxLoss != nil, .lossClamp, "train.max_loss"),
            (train.trainTextEncoder, .textEncoderTraining, "train.train_text_encoder"),
            (train.audioLR != nil, .modalitySettings, "train.audio_lr"),
            (train.videoLossMultiplier != 1, .modalitySettings, "train.video_loss_multiplier"),
            (train.heldOut != nil, .heldOut, "train.held_out"),
            (train.invertedMaskPrior, .masks, "train.inverted_mask_prior"),
        ]
    }

    private static func noise(_ train: TrainSection, _ plain: TrainSection) -> [Request] {
        [
            (train.noiseOffset != 0, .noiseOffset, "train.noise_offset"),
            (train.dynamicNoiseOffset, .noiseOffset, "train.dynamic_noise_offset"),
            (train.noiseMultiplier != 1, .noiseOffset, "train.noise_multiplier"),
            (train.randomNoiseShift != 0, .noiseVariants, "train.random_noise_shift"),
            (train.randomNoiseMultiplier != 0, .noiseVariants, "train.random_noise_multiplier"),
            (
                train.optimalNoisePairingSamples != 1, .noiseVariants,
                "train.optimal_noise_pairing_samples"
            ),
            (train.forceConsistentNoise, .noiseVariants, "train.force_consistent_noise"),
            (train.contentOrStyle != .balanced, .timestepChoice, "train.content_or_style"),
            (
                train.minDenoisingSteps != plain.minDenoisingSteps, .timestepChoice,
                "train.min_denoising_steps"
            ),
            (
                train.maxDenoisingSteps != plain.maxDenoisingSteps, .timestepChoice,
                "train.max_denoising_steps"
            ),
            (train.linearTimesteps, .timestepChoice, "train.linear_timesteps"),
            (train.linearTimesteps2, .timestepChoice, "train.linear_timesteps2"),
        ]
    }

    static func of(_ dataset: DatasetSection) -> [Request] {
        [
            (dataset.isReg, .regularisation, "is_reg"),
            (dataset.priorReg, .regularisation, "prior_reg"),
            (dataset.maskPath != nil, .masks, "mask_path"),
            (dataset.alphaMask, .masks, "alpha_mask"),
            (dataset.networkWeight != 1, .networkWeight, "network_weight"),
            (dataset.i2vProbability > 0, .firstFrame, "do_i2v"),
            (dataset.tokenDropoutRate > 0, .captionTokens, "token_dropout_rate"),
            (dataset.shuffleTokens, .captionTokens, "shuffle_tokens"),
            (!dataset.randomTriggers.isEmpty, .captionTokens, "random_triggers"),
            (dataset.randomCrop, .randomCrops, "random_crop"),
            (dataset.randomScale, .randomCrops, "random_scale"),
        ]
    }
}
