public import LTXModel

/// What one sample shall be.
public struct SampleRequest: Sendable, Equatable {
    /// What is made: both modalities, or one alone.
    public enum Output: String, Sendable, CaseIterable {
        case movie
        case picture
        case sound

        /// Whether pictures are made.
        public var hasPicture: Bool { self != .sound }
        /// Whether sound is made.
        public var hasSound: Bool { self != .picture }
    }

    /// What is seen and said.
    public var prompt: String
    /// What guidance leads away from.
    public var negative = ""
    /// Pixels, divisible by 32.
    public var width = 512
    /// Pixels, divisible by 32.
    public var height = 320
    /// Pictures, 8k + 1; 1 is a still picture.
    public var frameCount = 81
    /// Pictures per second, told to the model too.
    public var fps = 24.0
    /// Denoising steps; nil is the version's default.
    public var steps: Int?
    /// Start of the noise.
    public var seed: UInt64 = 0
    /// What is made.
    public var output = Output.movie
    /// Noise levels.
    public var schedule = SigmaSchedule.Kind.official
    /// What differs from the version's guidance.
    public var guidance = GuidanceChanges()
    /// A picture that the clip begins with.
    public var firstPicture: String?
    /// A file whose sound the clip gets: pictures are made to it.
    public var givenSound: String?
    /// A clip whose pictures are kept: sound is made to them.
    public var givenPictures: String?

    /// A sample of a prompt, at the defaults.
    public init(prompt: String) { self.prompt = prompt }

    /// The prompts that have to be encoded.
    public var texts: [String] { [prompt, negative] }
}

/// What a request changes of the version's guidance; nil leaves it.
public struct GuidanceChanges: Sendable, Equatable {
    /// Classifier-free guidance of the picture.
    public var video: Double?
    /// Classifier-free guidance of the sound.
    public var audio: Double?
    /// Spatio-temporal guidance of both: against passes without self-attention in one block.
    public var perturbation: Double?
    /// Guidance of both against passes in which the modalities do not see each other.
    public var modality: Double?
    /// Share of the guided prediction that is brought back to its spread.
    public var rescale: Double?

    /// No changes.
    public init() {}
}

extension SampleRequest {
    /// Why this cannot be made; nil if it can.
    public var fault: String? {
        let sides = 32...8192
        if !sides.contains(width) || !width.isMultiple(of: 32) {
            return fault("width", width, "a multiple of 32 from 32 to 8192", width / 32 * 32)
        }
        if !sides.contains(height) || !height.isMultiple(of: 32) {
            return fault("height", height, "a multiple of 32 from 32 to 8192", height / 32 * 32)
        }
        if !(1...2001).contains(frameCount) || frameCount % 8 != 1 {
            let nearest = (frameCount - 1) / 8 * 8 + 1
            return fault("frames", frameCount, "8k + 1 from 1 to 2001", nearest)
        }
        guard (1...240).contains(fps) else { return "fps: is \(fps), should be from 1 to 240" }
        return faultOfInputs
    }

    private func fault(_ name: String, _ value: Int, _ expected: String, _ nearest: Int) -> String {
        "\(name): is \(value), should be \(expected); use \(max(nearest, name == "frames" ? 1 : 32))"
    }

    private var faultOfInputs: String? {
        if givenSound != nil, givenPictures != nil {
            return "both a sound and pictures are given, and nothing is left to be made; "
                + "give one of them"
        }
        if givenPictures != nil, firstPicture != nil {
            return "a first picture and a whole clip are given; give one of them"
        }
        if output == .picture, givenPictures != nil {
            return "pictures are given and no sound shall be made; leave one of the two out"
        }
        if output == .sound, givenSound != nil || firstPicture != nil {
            return
                "only sound shall be made, which needs no \(givenSound == nil ? "picture" : "sound"); "
                + "leave one of the two out"
        }
        return nil
    }
}
