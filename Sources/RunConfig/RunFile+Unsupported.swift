extension RunFile {
    /// An error for each thing that the file asks for and the program cannot do; sorted by line.
    ///
    /// It is a warning where the program has something to do instead (`Capabilities.substitutes`).
    public func unsupported(by capabilities: Capabilities) -> [Diagnostic] {
        var check = CapabilityCheck(runFile: self, capabilities: capabilities)
        for (index, process) in processes.enumerated() {
            check.prefix = processes.count > 1 ? "process[\(index)]." : ""
            check.checkChoices(of: process)
            check.checkFeatures(of: process)
        }
        if processes.count > 1 { check.feature(.severalProcesses, "config.process") }
        return check.found.sortedByLine()
    }
}

/// Compares one process after another with what the program can do.
private struct CapabilityCheck {
    let runFile: RunFile
    let capabilities: Capabilities
    var prefix = ""
    var found: [Diagnostic] = []

    mutating func checkChoices(of process: ProcessSection) {
        let train = process.train
        if let type = process.network?.type {
            choice("network.type", type, capabilities.networkTypes)
        }
        choice("train.optimizer", train.optimizer, capabilities.optimizers)
        choice("train.lr_scheduler", train.lrScheduler, capabilities.schedulers)
        choice("train.timestep_type", train.timestepType, capabilities.timestepTypes)
        choice("train.loss_type", train.lossType, capabilities.lossTypes)
        if let arch = process.model.arch { choice("model.arch", arch, capabilities.architectures) }
        if let format = process.model.quantize?.format {
            choice("model.quantize", format, capabilities.quantizations)
        }
        let encoderFormat = process.model.quantizeTE?.format
        if let format = encoderFormat, format != process.model.quantize?.format {
            choice("model.quantize_te", format, capabilities.quantizations)
        }
    }

    mutating func checkFeatures(of process: ProcessSection) {
        for (isAsked, what, path) in FeatureRequests.of(process) where isAsked {
            feature(what, path)
        }
        for (index, dataset) in process.datasets.enumerated() {
            for (isAsked, what, key) in FeatureRequests.of(dataset) where isAsked {
                feature(what, "datasets[\(index)].\(key)")
            }
        }
    }

    mutating func feature(_ feature: Feature, _ path: String) {
        guard !capabilities.features.contains(feature) else { return }
        let message = "this program cannot do it yet"
        add(path, nil, message, fix: "remove the key to train without it")
    }

    private mutating func choice<Choice: RawRepresentable<String>>(
        _ path: String,
        _ choice: Choice,
        _ possible: Set<Choice>
    ) {
        guard !possible.contains(choice) else { return }
        let words = possible.map(\.rawValue).sorted().joined(separator: ", ")
        add(
            path,
            choice.rawValue,
            "\(choice.rawValue) is something this program cannot do yet",
            fix: possible.isEmpty ? "remove the key" : "it can do \(words)"
        )
    }

    private mutating func add(_ path: String, _ value: String?, _ message: String, fix: String) {
        let place = prefix + path
        let key = Place(path: path, line: 1).schemaPath
        let byValue = value.flatMap { capabilities.substitutes["\(key)=\($0)"] }
        let substitute = byValue ?? capabilities.substitutes[key]
        let section = place.split(separator: ".").dropLast().joined(separator: ".")
        found.append(
            Diagnostic(
                severity: substitute == nil ? .error : .warning,
                file: runFile.fileName,
                line: runFile.lines[place] ?? runFile.lines[section] ?? 1,
                path: place,
                message: substitute.map { "\(message): \($0)" } ?? message,
                fix: substitute == nil ? fix : ""
            )
        )
    }
}

/// What a process asks for beyond the plainest run, with the key that asks.
private enum FeatureRequests {
    typealias Request = (isAsked: Bool, feature: Feature, path: String)

    static func of(_ process: ProcessSection) -> [Request] {
        let plain = TrainSection()
        return of(process.train, plain) + noise(process.train, plain)
            + (process.network.map(of) ?? [(true, .fullFineTune, "network")])
            + [
                (process.preset != nil, .modalitySettings, "preset"),
                (process.save.split, .splitFiles, "save.split"),
                (process.sample != nil && !process.train.disableSampling, .sampling, "sample"),
                (process.model.layerOffloading, .layerOffloading, "model.layer_offloading"),
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
                network.fullIfContains?.isEmpty == false, .layersOutsideBlocks,
                "network.network_kwargs.full_if_contains"
            ),
            (network.audioLinear != nil, .modalitySettings, "network.audio_linear"),
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
            (train.doCFG || train.doRandomCFG, .guidanceLosses, "train.do_cfg"),
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
