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
        /// The same for batches of regularisation sets.
        public var regularisationSigmas: any SigmaDistribution = SigmoidSigmas()
        /// From which noise levels the sound is learned.
        public var audioSigmas = AudioSigmaPolicy()
        /// Adds this many times one normal number per item and channel to the picture's noise.
        public var noiseOffset = 0.0
        /// Adds half the mean of the clean latent, per item and channel, to the picture's noise.
        public var dynamicNoiseOffset = false
        /// Factor on the picture's noise, in the target too.
        public var noiseMultiplier = 1.0
        /// Whether clips of this run have sound: if so, those without it get pure noise for it.
        public var hasSound = true
        /// Channels of an audio latent, for batches in which no item has sound.
        public var audioChannels: Int?

        /// The defaults.
        public init() {}
    }

    /// Which micro-batch of a run noise is for; the same place draws the same noise.
    public struct Place: Sendable {
        /// Finished steps.
        public var step: Int
        /// Number of the micro-batch within the step.
        public var part: Int
        /// One noise level for everything instead of a draw (to measure).
        public var sigma: Double?

        /// A place, with drawn noise levels unless one is given.
        public init(step: Int, part: Int, sigma: Double? = nil) {
            self.step = step
            self.part = part
            self.sigma = sigma
        }
    }

    /// What random numbers are drawn for; each has a stream of its own in every step.
    enum Purpose: UInt64 {
        case sigma = 1, audioSigma, videoNoise, audioNoise, firstFrame, offset, preservedSound
    }

    let options: Options
    let device: Device
    private let seed: UInt64

    /// Noise for one run.
    public init(options: Options, device: Device, seed: UInt64) {
        self.options = options
        self.device = device
        self.seed = seed
    }

    func random(_ purpose: Purpose, _ place: Place) throws -> RandomGenerator {
        try RandomGenerator(
            seed: seed,
            step: place.step,
            purpose: purpose.rawValue + 64 * UInt64(place.part)
        )
    }

    /// Prepares a batch: noise levels and noise are drawn once, for every pass that the batch is used in.
    ///
    /// - Returns: the batch as the model sees it.
    /// - Throws: `TorchError` if random numbers cannot be had.
    public func noisy(_ batch: TrainingBatch, at place: Place) throws -> NoisyBatch {
        let sigmas = try videoSigmas(batch, place)
        let video = try noisyVideo(batch, sigmas, place)
        let heard = try options.hasSound ? audioSigmas(batch, video: sigmas, place) : nil
        let audio = try heard.flatMap { try noisyAudio(batch, $0, place) }
        let input = TransformerInput(
            video: modality(video, text: batch.items.map(\.text.video)),
            audio: audio.map { modality($0, text: batch.items.map(\.text.audio)) },
            grid: batch.grid
        )
        return NoisyBatch(
            video: video,
            audio: audio,
            input: input,
            learnsAudio: audio != nil && batch.hasSound,
            drawnAudioSigmas: heard ?? []
        )
    }

    func modality(_ noisy: NoisyModality, text: [Tensor]) -> ModalityInput {
        ModalityInput(
            latent: noisy.tokens,
            sigma: Tensor(noisy.sigmas.map(Float.init)).to(on: device),
            levels: noisy.tokenSigmas.map { NoiseLevels(perToken: $0, device: device) },
            text: Tensor.concatenate(text.map { $0.to(on: device) }, axis: 0),
            tokenMask: noisy.mask
        )
    }

    /// Mixes noise into clean tokens `[B, T, C]`.
    func mixed(_ clean: Tensor, _ noise: Tensor, _ levels: TokenLevels) -> NoisyModality {
        let shape = [clean.size(0), clean.size(1)]
        let sigma = Tensor(Array(levels.sigmas.joined()), shape: shape + [1])
        let counted = levels.counts.map { counts in
            let part = 1 / Float(max(counts.count { $0 }, 1))
            return counts.map { $0 ? part : 0 }
        }
        return NoisyModality(
            sigmas: levels.itemSigmas,
            tokens: (clean * (sigma * -1 + 1) + noise * sigma).to(on: device),
            target: (noise - clean).to(on: device),
            shares: Tensor(Array(counted.joined()), shape: shape).to(on: device),
            itemWeights: levels.itemWeights,
            mask: levels.present.map {
                Tensor($0.joined().map { $0 ? 1 : 0 }, shape: shape).to(.float32, on: device)
            },
            tokenSigmas: levels.isUniform ? nil : levels.sigmas
        )
    }
}

/// Noise levels and weights of all tokens of one modality.
struct TokenLevels {
    /// Level of each item.
    let itemSigmas: [Double]
    /// Level of each token.
    let sigmas: [[Float]]
    /// Whether all tokens of an item have its level.
    var isUniform = true
    /// Which tokens are learned.
    let counts: [[Bool]]
    /// Part of each item in the loss.
    let itemWeights: [Double]
    /// Which tokens are there; nil when all are.
    var present: [[Bool]]?
}
