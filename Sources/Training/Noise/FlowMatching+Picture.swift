import ClipCache
import LTXModel
import Torch

// Axes: B batch, C channels, F latent frames, h and w latent sides, T tokens.

/// Noise in the picture.
extension FlowMatching {
    func videoSigmas(_ batch: TrainingBatch, _ place: Place) throws -> [Double] {
        if let sigma = place.sigma { return Array(repeating: sigma, count: batch.items.count) }
        return try sigmas(of: batch).draw(
            batch.items.count,
            tokens: batch.items[0].video.shape.dropFirst().reduce(1, *),
            random: random(.sigma, place)
        )
    }

    func sigmas(of batch: TrainingBatch) -> any SigmaDistribution {
        batch.isRegularisation ? options.regularisationSigmas : options.sigmas
    }

    func noisyVideo(
        _ batch: TrainingBatch,
        _ sigmas: [Double],
        _ place: Place
    ) throws -> NoisyModality {
        let clean = Tensor.stack(
            batch.items.map { Tensor($0.video.values, shape: $0.video.shape) }
        )  // [B, C, F, h, w]
        let noise = try videoNoise(clean, isRegularisation: batch.isRegularisation, place)
        let given = try firstFrames(batch, place)
        let frameTokens = clean.size(3) * clean.size(4)
        let tokenCount = clean.size(2) * frameTokens
        let tokenSigmas = sigmas.enumerated().map { item, sigma in
            let leading = given?[item] == true ? frameTokens : 0
            return Array(repeating: Float(0), count: leading)
                + Array(repeating: Float(sigma), count: tokenCount - leading)
        }
        let levels = TokenLevels(
            itemSigmas: sigmas,
            sigmas: tokenSigmas,
            isUniform: given?.contains(true) != true,
            counts: tokenSigmas.map { tokens in tokens.map { $0 > 0 } },
            itemWeights: weights(batch, sigmas, place)
        )
        return mixed(tokens(clean), tokens(noise), levels)
    }

    private func videoNoise(
        _ clean: Tensor,
        isRegularisation: Bool,
        _ place: Place
    ) throws -> Tensor {
        var noise = try random(.videoNoise, place).normal(clean.shape)
        if options.noiseOffset != 0 {
            let perChannel = try random(.offset, place)
                .normal([clean.size(0), clean.size(1), 1, 1, 1])
            noise = noise + perChannel * options.noiseOffset
        }
        if options.dynamicNoiseOffset, !isRegularisation {
            noise = noise + clean.mean([2, 3, 4], keep: true) * 0.5
        }
        return options.noiseMultiplier == 1 ? noise : noise * options.noiseMultiplier
    }

    /// Which items get their first picture for nothing; nil if none can, a single picture above all.
    private func firstFrames(_ batch: TrainingBatch, _ place: Place) throws -> [Bool]? {
        guard place.sigma == nil, batch.items.contains(where: { $0.firstFrameProbability > 0 }),
            batch.items[0].video.shape[1] > 1
        else { return nil }
        let draws = try random(.firstFrame, place).uniform([batch.items.count])
        return zip(draws.floats(), batch.items).map { Double($0) < $1.firstFrameProbability }
    }

    private func weights(_ batch: TrainingBatch, _ sigmas: [Double], _ place: Place) -> [Double] {
        let count = Double(batch.items.count)
        guard place.sigma == nil else { return sigmas.map { _ in 1 / count } }
        let distribution = self.sigmas(of: batch)
        return zip(batch.items, sigmas).map { item, sigma in
            item.lossMultiplier * distribution.weight(at: sigma) / count
        }
    }

    private func tokens(_ latent: Tensor) -> Tensor {
        latent.reshape(latent.size(0), latent.size(1), -1).transpose(1, 2)  // [B, F·h·w, C]
    }
}
