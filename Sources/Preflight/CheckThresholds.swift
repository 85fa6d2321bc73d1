/// Where a remark begins.
///
/// Numbers of others are named; the rest is our choice and nothing more.
public struct CheckThresholds: Sendable, Equatable {
    /// Seconds of speech that were reported to work for one character: 3 to 6 minutes (AkaneTendo25/musubi-tuner).
    public var enoughSpeech = 180.0
    /// Below this many seconds nobody reported a voice.
    public var tooLittleSpeech = 20.0
    /// Clips in which a face is seen often enough from different sides (fork behind ai-toolkit #720: 20 to 50).
    public var enoughClips = 20
    /// Below this many clips the rest of the picture is learned with the face.
    public var fewClips = 8
    /// Steps at which voices were first heard (ostris/ai-toolkit #701: about 750).
    public var voiceSteps = 750
    /// Steps at which faces locked (elix3r's talking head: 1,250).
    public var faceSteps = 1000
    /// A learning rate below which a LoRA was not seen to learn in a few thousand steps; our choice.
    public var lowRate = 1e-5
    /// Above this a LoRA of rank 32 tends to break; our choice.
    public var highRate = 1e-3
    /// Quieter than this, in LUFS, the voice is near the noise of the recording; our choice.
    public var quiet = -35.0
    /// Share of samples at full scale from which it is heard; our choice.
    public var clipped = 0.0005
    /// Distance in dB between loudness and noise floor below which noise is learned with the voice; our choice.
    public var noiseDistance = 20.0
    /// Share of speech above which no pause is long enough to hear the noise alone; our choice.
    public var denseSpeech = 0.8
    /// Share of a window that should be speech; our choice.
    public var speechShare = 0.25
    /// Share of clips with a transcript from which captions count as such; our choice.
    public var transcriptShare = 0.5
    /// Change of speed that is not heard: ±3 % (ai-toolkit stretches by any amount).
    public var stretch = 0.03
    /// Signal to noise in dB of a log-mel spectrogram after the audio VAE, below which it sounds robotic; our choice.
    public var decodedSNR = 6.0

    /// The values above.
    public init() {}
}
