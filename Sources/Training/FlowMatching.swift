import ClipCache
import LTXModel
public import Torch

// Axes: B batch, C channels, F latent frames, h and w latent sides, T tokens.

/// Mixes noise into batches: `x = (1 − σ) clean + σ noise`, all of it in float32.
///
/// - Source: "Flow matching for generative modeling", Lipman et al., 2023; rectified flow as in LTX-2.
public struct FlowMatching {
    /// What a run file may choose about noise.
    public struct Options: Sendable {
        /// From which noise levels the picture is learned.
        public var sigmas: any SigmaDistribution = SigmoidSigmas()
        /// From which noise levels the sound is learned; nil shares the picture's.
        public var audioSigmas: (any SigmaDistribution)? = UniformSigmas()
        /// Adds this many times one normal number per channel to the picture's noise.
        public var noiseOffset = 0.0
        /// Whether clips of this run have sound: if so, those without it get pure noise for it.
        public var hasSound = true
        /// Channels of an audio latent, for batches in which no item has sound.
        public var audioChannels: Int?

        /// The defaults.
        public init() {}
    }

    private let options: Options
    private let device: Device
    private let seed: UInt64

    /// Noise for one run.
    public init(options: Options, device: Device, seed: UInt64) {
        self.options = options
        self.device = device
        self.seed = seed
    }

    /// What random numbers are drawn for; each has a stream of its own in every step.
    private enum Purpose: UInt64 {
        case sigma = 1, audioSigma, videoNoise, audioNoise, firstFrame, offset
    }

    private func random(_ purpose: Purpose, step: Int, part: Int) throws -> RandomGenerator {
        try RandomGenerator(seed: seed, step: step, purpose: purpose.rawValue + 64 * UInt64(part))
    }

    /// Prepares a batch.
    ///
    /// - Parameters:
    ///   - batch: clean latents and prompts.
    ///   - step: number of the step; the same step draws the same noise.
    ///   - part: number of the micro-batch within the step.
    ///   - fixed: one noise level for everything instead of a draw (to measure).
    /// - Returns: the batch as the model sees it.
    /// - Throws: `TorchError` if random numbers cannot be had.
    public func noisy(
        _ batch: TrainingBatch,
        step: Int,
        part: Int,
        sigma fixed: Double? = nil
    ) throws -> NoisyBatch {
        let count = batch.items.count
        let drawn = try options.sigmas.draw(
            count,
            random: random(.sigma, step: step, part: part)
        )
        let sigmas = fixed.map { Array(repeating: $0, count: count) } ?? drawn
        let video = try videoModality(
            batch,
            sigmas,
            step: step,
            part: part,
            measuring: fixed != nil
        )
        let audio =
            try options.hasSound
            ? audioModality(batch, sigmas, step: step, part: part, fixed: fixed) : nil
        let shape = batch.items[0].video.shape
        let grid = VideoGrid(
            frames: shape[1],
            height: shape[2],
            width: shape[3],
            fps: batch.fps
        )
        let input = TransformerInput(
            video: modality(video, text: batch.items.map(\.text.video)),
            audio: audio.map { modality($0, text: batch.items.map(\.text.audio)) },
            grid: grid
        )
        return NoisyBatch(video: video, audio: audio, input: input, learnsAudio: batch.hasSound)
    }

    private func modality(_ noisy: NoisyModality, text: [Tensor]) -> ModalityInput {
        let sigma = Tensor(noisy.sigmas.map(Float.init)).to(on: device)
        return ModalityInput(
            latent: noisy.tokens,
            sigma: sigma,
            levels: noisy.tokenSigmas.map { NoiseLevels(perToken: $0, device: device) },
            text: Tensor.concatenate(text.map { $0.to(on: device) }, axis: 0),
            tokenMask: noisy.mask
        )
    }

    // MARK: - Picture

    private func videoModality(
        _ batch: TrainingBatch,
        _ sigmas: [Double],
        step: Int,
        part: Int,
        measuring: Bool
    ) throws -> NoisyModality {
        let clean = Tensor.stack(
            batch.items.map { Tensor($0.video.values, shape: $0.video.shape) }
        )  // [B, C, F, h, w]
        var noise = try random(.videoNoise, step: step, part: part).normal(clean.shape)
        if options.noiseOffset != 0 {
            let perChannel = try random(.offset, step: step, part: part)
                .normal([clean.size(0), clean.size(1), 1, 1, 1])
            noise = noise + perChannel * options.noiseOffset
        }
        let given = try measuring ? nil : firstFrames(batch, step: step, part: part)
        let frameTokens = clean.size(3) * clean.size(4)
        let tokenCount = clean.size(2) * frameTokens
        let tokenSigmas = sigmas.enumerated().map { item, sigma in
            let leading = given?[item] == true ? frameTokens : 0
            return Array(repeating: Float(0), count: leading)
                + Array(repeating: Float(sigma), count: tokenCount - leading)
        }
        let weights = tokenSigmas.enumerated().map { item, tokens in
            share(tokens.map { $0 > 0 }, of: item, batch, sigma: sigmas[item], measuring: measuring)
        }
        return mixed(
            tokens(clean),
            tokens(noise),
            sigmas: sigmas,
            tokenSigmas: tokenSigmas,
            isUniform: given?.contains(true) != true,
            weights: weights
        )
    }

    /// Which items get their first picture for nothing; nil if none can.
    private func firstFrames(_ batch: TrainingBatch, step: Int, part: Int) throws -> [Bool]? {
        guard batch.items.contains(where: { $0.firstFrameProbability > 0 }),
            (batch.items.first?.video.shape[1] ?? 0) > 1
        else { return nil }
        let draws = try random(.firstFrame, step: step, part: part).uniform([batch.items.count])
        return zip(draws.floats(), batch.items).map { Double($0) < $1.firstFrameProbability }
    }

    /// Token weights of one item: those that count share the item's part of the batch evenly.
    private func share(
        _ counts: [Bool],
        of item: Int,
        _ batch: TrainingBatch,
        sigma: Double,
        measuring: Bool
    ) -> [Float] {
        let counted = counts.count { $0 }
        guard counted > 0 else { return counts.map { _ in 0 } }
        let weight =
            measuring
            ? 1 : batch.items[item].lossMultiplier * options.sigmas.weight(at: sigma)
        let each = Float(weight / Double(counted) / Double(batch.items.count))
        return counts.map { $0 ? each : 0 }
    }

    private func tokens(_ latent: Tensor) -> Tensor {
        latent.reshape(latent.size(0), latent.size(1), -1).transpose(1, 2)  // [B, F·h·w, C]
    }

    // MARK: - Sound

    private func audioModality(
        _ batch: TrainingBatch,
        _ videoSigmas: [Double],
        step: Int,
        part: Int,
        fixed: Double?
    ) throws -> NoisyModality? {
        let length = audioLength(batch)
        let channels = batch.items.compactMap { $0.audio?.shape[1] }.first
        guard let channels = channels ?? options.audioChannels else { return nil }
        let own = try options.audioSigmas?.draw(
            batch.items.count,
            random: random(.audioSigma, step: step, part: part)
        )
        let sigmas = batch.items.indices.map { index in
            // Without sound the tokens are pure noise, and the model is told so.
            guard batch.items[index].audio != nil else { return 1.0 }
            return fixed ?? own?[index] ?? videoSigmas[index]
        }
        let clean = Tensor.stack(batch.items.map { padded($0.audio, length, channels) })
        let noise = try random(.audioNoise, step: step, part: part).normal(clean.shape)
        let lengths = batch.items.map { $0.audio?.shape[0] ?? length }
        let present = lengths.map { count in (0..<length).map { $0 < count } }
        let hearing = batch.items.count { $0.audio != nil }
        let weights = batch.items.enumerated().map { index, item in
            let weight = item.audio == nil ? 0 : fixed == nil ? item.lossMultiplier : 1
            let each = Float(weight / Double(max(lengths[index], 1)) / Double(max(hearing, 1)))
            return present[index].map { $0 ? each : 0 }
        }
        let sigmaRows = sigmas.map { Array(repeating: Float($0), count: length) }
        return mixed(
            clean,
            noise,
            sigmas: sigmas,
            tokenSigmas: sigmaRows,
            isUniform: true,
            weights: weights,
            present: lengths.allSatisfy { $0 == length } ? nil : present
        )
    }

    /// The longest sound of the batch, or what its pictures would have.
    private func audioLength(_ batch: TrainingBatch) -> Int {
        if let longest = batch.items.compactMap({ $0.audio?.shape[0] }).max() { return longest }
        let pictures = (batch.items[0].video.shape[1] - 1) * LatentScale().time + 1
        return LatentScale().audioCount(pictures: pictures, fps: batch.fps)
    }

    /// `[T, C]`, with zeros at the end or everywhere.
    private func padded(_ audio: FloatBuffer?, _ length: Int, _ channels: Int) -> Tensor {
        guard let audio else { return .zeros([length, channels]) }
        let clean = Tensor(audio.values, shape: audio.shape)
        let missing = length - audio.shape[0]
        return missing > 0 ? clean.padded([0, 0, 0, missing]) : clean
    }

    // MARK: - Both

    private func mixed(
        _ clean: Tensor,
        _ noise: Tensor,
        sigmas: [Double],
        tokenSigmas: [[Float]],
        isUniform: Bool,
        weights: [[Float]],
        present: [[Bool]]? = nil
    ) -> NoisyModality {
        let shape = [tokenSigmas.count, tokenSigmas[0].count]
        let sigma = Tensor(Array(tokenSigmas.joined()), shape: shape + [1])
        let noisy = clean * (sigma * -1 + 1) + noise * sigma
        return NoisyModality(
            sigmas: sigmas,
            tokens: noisy.to(on: device),
            target: (noise - clean).to(on: device),
            weights: Tensor(Array(weights.joined()), shape: shape).to(on: device),
            mask: present.map {
                Tensor($0.joined().map { $0 ? 1 : 0 }, shape: shape).to(.float32, on: device)
            },
            tokenSigmas: isUniform ? nil : tokenSigmas
        )
    }
}
