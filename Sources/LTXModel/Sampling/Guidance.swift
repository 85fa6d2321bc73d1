/// How predictions are led, by modality: towards the prompt, and away from weaker predictions.
///
/// All terms are about predicted clean latents:
/// `led = p + (prompt − 1)(p − negative) + perturbation · (p − perturbed) + (modality − 1)(p − isolated)`.
/// A term whose scale is neutral costs no pass of the model.
///
/// - Source: the guider of Lightricks' pipelines; diffusers' `LTX2Pipeline` computes the same.
public struct Guidance: Sendable, Equatable {
    /// The scales of one modality; as they are made, none of them does anything.
    public struct Scales: Sendable, Equatable {
        /// Away from what the negative prompt gives (CFG); 1 is none.
        public var prompt = 1.0
        /// Away from what the model gives without self-attention in some blocks (STG); 0 is none.
        public var perturbation = 0.0
        /// Away from what the model gives without seeing the other modality; 1 is none.
        public var modality = 1.0
        /// Share, 0...1, by which the spread of the led prediction goes back to that of the plain one.
        public var rescale = 0.0

        /// No guidance, or the given kinds of it.
        public init(
            prompt: Double = 1,
            perturbation: Double = 0,
            modality: Double = 1,
            rescale: Double = 0
        ) {
            self.prompt = prompt
            self.perturbation = perturbation
            self.modality = modality
            self.rescale = rescale
        }

        /// Whether any term moves the prediction; rescaling alone never does.
        var leads: Bool { prompt != 1 || perturbation != 0 || modality != 1 }
    }

    /// Scales of the picture.
    public var video: Scales
    /// Scales of the sound.
    public var audio: Scales
    /// Blocks without self-attention in the perturbed pass, from 0.
    public var perturbedBlocks: Set<Int>

    /// Scales of both modalities.
    public init(
        video: Scales = Scales(),
        audio: Scales = Scales(),
        perturbedBlocks: Set<Int> = []
    ) {
        self.video = video
        self.audio = audio
        self.perturbedBlocks = perturbedBlocks
    }

    /// One pass of the model per step: what distilled models want.
    public static let none = Guidance()

    /// Classifier-free guidance alone.
    public static func prompt(video: Double, audio: Double) -> Guidance {
        Guidance(video: Scales(prompt: video), audio: Scales(prompt: audio))
    }

    /// What the official pipelines take for the undistilled models.
    ///
    /// They perturb block 29 of 48 in LTX-2.0 and 28 of 48 later. In a model of other depth it is the block
    /// at the same share of the depth: block 1 of the tiny models' two.
    public static func defaults(for version: ModelVersion, blockCount: Int = 48) -> Guidance {
        let block = (version == .ltx20 ? 29 : 28) * blockCount / 48
        return Guidance(
            video: Scales(prompt: 3, perturbation: 1, modality: 3, rescale: 0.7),
            audio: Scales(prompt: 7, perturbation: 1, modality: 3, rescale: 0.7),
            perturbedBlocks: [block]
        )
    }
}
