/// Where a remark begins.
///
/// Numbers of others are named; the rest is our choice and nothing more.
public struct CheckThresholds: Sendable, Equatable {
    /// Seconds of speech that were reported to work for one character: 3 to 6 minutes (AkaneTendo25/musubi-tuner).
    public var enoughSpeech = 180.0
    /// Below this many seconds a voice is not to be expected; nobody reports one, and the number is our choice.
    public var tooLittleSpeech = 20.0
    /// Clips in which a face is seen often enough from different sides (fork behind ai-toolkit #720: 20 to 50).
    public var enoughClips = 20
    /// Below this many clips the rest of the picture is learned with the face; our choice.
    public var fewClips = 8
    /// Steps at which voices were first heard (ostris/ai-toolkit #701: about 750).
    public var voiceSteps = 750
    /// Steps at which faces locked (elix3r's talking head: 1,250, better until 2,000); 1,000 is our choice.
    public var faceSteps = 1000
    /// A learning rate below which a LoRA was not seen to learn in a few thousand steps; our choice.
    public var lowRate = 1e-5
    /// Above this a LoRA of rank 32 tends to break; our choice.
    public var highRate = 1e-3
    /// Share of items with sound below which the voice starves (AkaneTendo25/musubi-tuner: 30 to 50 % of steps).
    public var soundingShare = 0.3
    /// Share of usable speech that may lie in clips that sound like music; our choice.
    public var musicShare = 0.3
    /// Quieter than this, in LUFS, the voice is near the noise of the recording; our choice.
    public var quiet = -35.0
    /// Share of samples at full scale from which it is heard; our choice.
    public var clipped = 0.0005
    /// Distance in dB between loudness and noise floor below which noise is learned with the voice; our choice.
    public var noiseDistance = 20.0
    /// Share of speech above which no pause is long enough to hear the noise alone; our choice.
    public var denseSpeech = 0.8
    /// Share of a clip's windows that should be speech, a third of it at least to teach a voice; our choice.
    public var speechShare = 0.25
    /// Share of clips with a transcript from which captions count as such; our choice.
    public var transcriptShare = 0.5
    /// Change of speed that is not heard: ±3 % (ai-toolkit stretches by any amount); our choice.
    public var stretch = 0.03
    /// Enlargement from which a face is blurred more than learned; our choice.
    public var enlargement = 1.5
    /// Signal to noise in dB of a log-mel spectrogram after the audio VAE, below which it sounds robotic; our choice.
    public var decodedSNR = 6.0
    /// Clips whose sound is decoded back; our choice, for time.
    public var decodedClips = 4

    /// The values above.
    public init() {}
}
