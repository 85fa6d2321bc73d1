import Adapters
import ClipData
import LTXModel
import RunConfig
import Torch
import Training

/// From caches to a trainer.
extension RunExecutor {
    /// Windows that are measured before and after, and held-out windows that are measured at most.
    private static let measuredWindows = (training: 4, heldOut: 12)

    func makeTrainer(
        _ encoded: Encoded,
        prompts: Prompts,
        contexts: [String: TextContext]
    ) throws -> Trainer {
        try withTorchErrors { plan.device.releaseCachedMemory() }
        onPreparation(.loadingModel(checkpoint.path))
        let transformer = try checkpoint.transformer(dtype: plan.dtype, device: plan.device)
        let noise = FlowMatching(
            options: plan.noiseOptions(audioChannels: transformer.config.audio.channels),
            device: plan.device,
            seed: plan.seed
        )
        let preservations = try preservations(transformer, noise, encoded, contexts)
        let network = try makeNetwork(transformer)
        let items = items(plan.clips, encoded, contexts)
        let trainer = try makeTrainer(transformer, network, noise, items, prompts.training)
        trainer.preservations = preservations
        trainer.measured = try items.measured(
            Self.measuredWindows.training,
            prompts: prompts.training
        )
        let meter = LossMeter(
            transformer: transformer,
            network: network,
            noise: heldOutNoise(transformer)
        )
        try watchHeldOut(trainer, meter, prompts, encoded, contexts)
        if let resumed = plan.resumed { try trainer.resume(from: resumed.path) }
        let metrics = try MetricsLog(
            path: plan.folder.metrics,
            keepingUpTo: plan.resumed?.step ?? 0
        )
        trainer.listeners = [metrics] + listeners
        return trainer
    }

    private func items(
        _ clips: ClipPlan,
        _ encoded: Encoded,
        _ contexts: [String: TextContext]
    ) -> TrainingItems {
        TrainingItems(
            clips: EncodedClips(clips, fingerprint: encoded.fingerprint),
            contexts: contexts,
            regularisationWeight: plan.file.train.regWeight
        )
    }

    private func makeTrainer(
        _ transformer: Transformer,
        _ network: AdapterNetwork,
        _ noise: FlowMatching,
        _ items: TrainingItems,
        _ prompts: PromptChoice
    ) throws -> Trainer {
        Trainer(
            transformer: transformer,
            network: network,
            optimizer: try withTorchErrors {
                AdamW(network.parameters, options: plan.optimizerOptions)
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
            device: plan.device
        )
    }

    /// Held-out sound is measured also where none is trained: that it stays as it was is worth knowing.
    private func heldOutNoise(_ transformer: Transformer) -> FlowMatching {
        var options = plan.noiseOptions(audioChannels: transformer.config.audio.channels)
        options.hasSound = plan.hasSound || plan.heldOut.map { $0.totals.clipsWithSound > 0 } == true
        return FlowMatching(options: options, device: plan.device, seed: plan.seed)
    }

    private func watchHeldOut(
        _ trainer: Trainer,
        _ meter: LossMeter,
        _ prompts: Prompts,
        _ encoded: Encoded,
        _ contexts: [String: TextContext]
    ) throws {
        guard let heldOut = plan.heldOut, let texts = prompts.heldOut else { return }
        let batches = try items(heldOut, encoded, contexts)
            .measured(Self.measuredWindows.heldOut, prompts: texts)
        trainer.watch(
            batches,
            every: plan.file.train.heldOutEvery,
            keepsBest: plan.file.train.keepBest,
            meter: meter
        )
    }

    private func makeNetwork(_ transformer: Transformer) throws -> AdapterNetwork {
        // The name is part of it: two characters with one training_seed must not share their A, or
        // merging them would mix them up.
        let purpose = StableHash(plan.file.name).value
        let random = try RandomGenerator(seed: plan.seed, step: 0, purpose: purpose)
        let network = try withTorchErrors {
            try AdapterNetwork(layers: transformer.blockLinears, rules: plan.rules) { layer in
                LowRankAdapter(
                    for: layer,
                    rank: plan.rank(of: Pathway(layer.path)),
                    scale: plan.network.scale,
                    dropout: plan.dropout,
                    random: random,
                    device: plan.device
                )
            }
        }
        onPreparation(.attached(layers: network.members.count, values: network.parameterCount))
        return network
    }

    // MARK: - Preservation

    private func preservations(
        _ transformer: Transformer,
        _ noise: FlowMatching,
        _ encoded: Encoded,
        _ contexts: [String: TextContext]
    ) throws -> [any Preservation] {
        var all: [any Preservation] = plan.promptPreservation.map { [$0] } ?? []
        if let sounds = plan.preservedSounds, let silence = encoded.silence {
            let maker = PreservedSoundMaker(sounds, transformer, contexts, plan: plan)
            let latents = try maker.latents(silence: silence) {
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
