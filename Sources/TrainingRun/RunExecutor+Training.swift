import Adapters
import ClipData
import LTXModel
import RunConfig
import RunFiles
import Safetensors
import Torch
import Training

/// From caches to a trainer.
extension RunExecutor {
    /// Windows that are measured before and after, and held-out windows that are measured at most.
    private static let measuredWindows = (training: 4, heldOut: 12)

    func makeTrainer(
        _ encoded: Encoded,
        prompts: RunPrompts,
        texts: EncodedTexts
    ) throws -> Trainer {
        try withTorchErrors { plan.device.releaseCachedMemory() }
        onPreparation(.loadingModel(checkpoint.path))
        let (transformer, weights) = try makeTransformer()
        let noise = FlowMatching(
            options: plan.noiseOptions(audioChannels: transformer.config.audio.channels),
            device: plan.device,
            seed: plan.seed
        )
        let preservations = try preservations(transformer, noise, encoded, texts)
        let connectors = try trainedConnectors()
        let network = try weights ?? makeNetwork(transformer, connectors)
        let told = PromptPass(connectors, length: TextConnectors.contextLength) {
            network.layout(where: $0)
        }
        let items = items(plan.clips, encoded, texts)
        let trainer = try makeTrainer(transformer, network, noise, items, prompts.training, told)
        trainer.preservations = preservations
        if plan.file.model.layerOffloading == .auto, let offloading = transformer.offloading {
            trainer.relief = AutomaticOffloading(offloading, device: plan.device)
        }
        trainer.measured = try items.measured(
            Self.measuredWindows.training,
            prompts: prompts.training
        )
        if plan.file.save.mergeStatistics, let adapters = network as? AdapterNetwork {
            trainer.statistics = AdapterStatistics(
                transformer: transformer,
                network: adapters,
                noise: noise,
                prompts: told,
                batches: try items.measured(AdapterStatistics.passCount, prompts: prompts.training)
            )
        }
        let meter = LossMeter(
            transformer: transformer,
            network: network,
            noise: heldOutNoise(transformer),
            prompts: told
        )
        try watchHeldOut(trainer, meter, prompts, encoded, texts)
        if let material = encoded.previews {
            trainer.previews = RunPreviews(
                material,
                transformer: transformer,
                network: network,
                contexts: previewContexts(texts, connectors),
                parts: extras,
                plan: plan,
                stop: stop
            )
            trainer.previewTimes = plan.previewTimes
        }
        try goOn(trainer)
        return trainer
    }

    /// Brings a trainer to where the run stands, and has it tell of what comes.
    private func goOn(_ trainer: Trainer) throws {
        if let resumed = plan.resumed { try trainer.resume(from: resumed.path) }
        let metrics = try MetricsLog(
            path: plan.folder.metrics,
            keepingUpTo: plan.resumed?.step ?? 0
        )
        trainer.listeners = [metrics] + listeners
    }

    /// Contexts of previews; through the connectors as they are, where these are trained.
    private func previewContexts(
        _ texts: EncodedTexts,
        _ connectors: TextConnectors?
    ) -> (String) throws -> TextContext {
        { text in
            if let connectors, let features = texts.features[text] {
                return try withTorchErrors {
                    try withoutGradients { try connectors.context(of: features) }
                }
            }
            guard let context = texts.contexts[text] else {
                throw ModelInputError("its prompt was not encoded; start the run again")
            }
            return context
        }
    }

    /// The transformer, and its weights if these are what is trained.
    private func makeTransformer() throws -> (Transformer, (any TrainedNetwork)?) {
        guard plan.trainsWeights else { return (try makeFrozenTransformer(), nil) }
        let (model, weights) = try checkpoint.transformerWithWeights(
            dtype: plan.dtype,
            device: plan.device
        )
        let trained = try TransformerWeights(
            weights,
            rules: plan.weightRules,
            metadata: checkpoint.singleFileMetadata
        )
        onPreparation(
            .unfrozen(weights: trained.parameters.count, values: trained.parameterCount)
        )
        return (model, trained)
    }

    private func makeFrozenTransformer() throws -> Transformer {
        try FittingTransformer(
            checkpoint: checkpoint,
            model: plan.file.model,
            dtype: plan.dtype,
            device: plan.device
        ).read(beginningWith: plan.firstOffloadedShare())
    }

    private func items(
        _ clips: ClipPlan,
        _ encoded: Encoded,
        _ texts: EncodedTexts
    ) -> TrainingItems {
        TrainingItems(
            clips: EncodedClips(clips, fingerprint: encoded.fingerprint),
            texts: texts,
            regularisationWeight: plan.file.train.regWeight
        )
    }

    private func makeTrainer(
        _ transformer: Transformer,
        _ network: any TrainedNetwork,
        _ noise: FlowMatching,
        _ items: TrainingItems,
        _ prompts: PromptChoice,
        _ told: PromptPass
    ) throws -> Trainer {
        Trainer(
            transformer: transformer,
            network: network,
            optimizer: try withTorchErrors {
                plan.makeOptimizer(of: network.parameters)
            },
            source: CachedBatches(
                items,
                prompts: prompts,
                batchSize: plan.file.train.batchSize,
                seed: plan.seed
            ),
            noise: noise,
            options: plan.stepOptions,
            save: plan.saveOptions,
            folder: plan.folder,
            device: plan.device,
            prompts: told
        )
    }

    /// Held-out sound is measured also where none is trained: that it stays as it was is worth knowing.
    private func heldOutNoise(_ transformer: Transformer) -> FlowMatching {
        var options = plan.noiseOptions(audioChannels: transformer.config.audio.channels)
        options.hasSound =
            plan.hasSound || plan.heldOut.map { $0.totals.clipsWithSound > 0 } == true
        return FlowMatching(options: options, device: plan.device, seed: plan.seed)
    }

    private func watchHeldOut(
        _ trainer: Trainer,
        _ meter: LossMeter,
        _ prompts: RunPrompts,
        _ encoded: Encoded,
        _ texts: EncodedTexts
    ) throws {
        guard let heldOut = plan.heldOut, let choice = prompts.heldOut else { return }
        let batches = try items(heldOut, encoded, texts)
            .measured(Self.measuredWindows.heldOut, prompts: choice)
        trainer.watch(
            batches,
            every: plan.file.train.heldOutEvery,
            keepsBest: plan.file.train.keepBest,
            meter: meter
        )
    }

    /// The connectors, if they are to be trained: then they stay on the device.
    private func trainedConnectors() throws -> TextConnectors? {
        guard plan.file.train.trainTextEncoder else { return nil }
        return try extras.textConnectors(dtype: plan.dtype, device: plan.device)
    }

    private func makeNetwork(
        _ transformer: Transformer,
        _ connectors: TextConnectors?
    ) throws -> AdapterNetwork {
        // The name is part of it: two characters with one training_seed must not share their A, or
        // merging them would mix them up.
        let purpose = StableHash(plan.file.name).value
        let random = try RandomGenerator(seed: plan.seed, step: 0, purpose: purpose)
        let layers = transformer.blockLinears + (connectors?.linears ?? [])
        let recipe = plan.recipe
        let network = try withTorchErrors {
            try AdapterNetwork(layers: layers, rules: plan.rules) { layer in
                recipe.adapter(
                    for: layer,
                    random: random,
                    device: plan.device,
                    activations: plan.dtype
                )
            }
        }
        onPreparation(.attached(layers: network.members.count, values: network.parameterCount))
        // A saved state has everything that was ever begun with.
        if plan.resumed == nil { try begin(network) }
        return network
    }

    /// Begins with the adapter file that the run file names, if it names one.
    private func begin(_ network: AdapterNetwork) throws {
        guard let path = plan.network.pretrainedLoraPath else { return }
        let beginning = try withTorchErrors {
            try AdapterFile.load(
                SafetensorsFile(path: path),
                into: network,
                names: plan.saveOptions.names
            )
        }
        onPreparation(.begun(file: path, layers: beginning.filled, fresh: beginning.fresh))
    }

    // MARK: - Preservation

    private func preservations(
        _ transformer: Transformer,
        _ noise: FlowMatching,
        _ encoded: Encoded,
        _ texts: EncodedTexts
    ) throws -> [any Preservation] {
        var all: [any Preservation] = plan.promptPreservation.map { [$0] } ?? []
        if let sounds = plan.preservedSounds, let silence = encoded.silence {
            let maker = PreservedSoundMaker(sounds, transformer, texts.contexts, plan: plan)
            let latents = try maker.latents(
                silence: silence,
                isCancelled: { self.stop.isAsked }
            ) {
                self.onPreparation(.preservingSound($0, of: $1))
            }
            all.append(
                Training.VoicePreservation(
                    sounds: latents,
                    every: plan.file.train.voiceRules.every,
                    multiplier: plan.file.train.voiceRules.multiplier,
                    noise: noise
                )
            )
        }
        return all
    }
}
