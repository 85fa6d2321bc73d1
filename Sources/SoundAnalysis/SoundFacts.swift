/// What was measured of one window's or clip's sound.
///
/// Levels are in dBFS, where a full-scale square wave has 0; frames are 20 ms long and do not
/// overlap, and their level is the mean power of all channels.
public struct SoundFacts: Codable, Sendable, Equatable {
    /// Length of the sound.
    public var seconds: Double
    /// Samples per second and channel.
    public var sampleRate: Int
    /// How many channels there are, and whether they differ.
    public var channels: ChannelLayoutFacts
    /// Integrated loudness in LUFS (EBU R 128, gated); nil where nothing is above the gate of
    /// -70 LUFS, and for sound of less than 0.4 seconds.
    ///
    /// One channel counts once: the same voice on two channels is 3 LU louder.
    public var loudness: Double?
    /// The highest peak between samples too, in dBTP (BS.1770, four times oversampled); nil for
    /// digital silence.
    public var truePeak: Double?
    /// The highest magnitude of any sample in dBFS; nil for digital silence.
    public var peak: Double?
    /// Share of samples in runs of 3 or more of one sign at full scale (magnitude of 0.999 or
    /// more).
    ///
    /// It cannot see clipping that was turned down afterwards or smoothed by a lossy codec.
    public var clippedShare: Double
    /// Share of frames below -50 dBFS.
    public var silenceShare: Double
    /// The level in dBFS that a tenth of the frames stay below, those of digital silence (below
    /// -90 dBFS) left out; nil where there are no others.
    ///
    /// Only in sound that pauses is this the noise between words.
    public var noiseFloor: Double?
    /// Share of frames that are estimated to be speech; see ``SpeechDetector`` for the rules.
    public var speechShare: Double
    /// Length of the frames that are estimated to be speech.
    public var speechSeconds: Double
    /// Whether there may be music, alone or under a voice; see ``MusicSuspicion`` for the rules.
    public var looksLikeMusic: Bool
    /// What raised the suspicion, in words; nil without one.
    public var musicReason: String?

    /// Takes the facts as they are.
    public init(
        seconds: Double,
        sampleRate: Int,
        channels: ChannelLayoutFacts,
        loudness: Double? = nil,
        truePeak: Double? = nil,
        peak: Double? = nil,
        clippedShare: Double = 0,
        silenceShare: Double = 0,
        noiseFloor: Double? = nil,
        speechShare: Double = 0,
        speechSeconds: Double = 0,
        looksLikeMusic: Bool = false,
        musicReason: String? = nil
    ) {
        self.seconds = seconds
        self.sampleRate = sampleRate
        self.channels = channels
        self.loudness = loudness
        self.truePeak = truePeak
        self.peak = peak
        self.clippedShare = clippedShare
        self.silenceShare = silenceShare
        self.noiseFloor = noiseFloor
        self.speechShare = speechShare
        self.speechSeconds = speechSeconds
        self.looksLikeMusic = looksLikeMusic
        self.musicReason = musicReason
    }
}

/// How many channels a sound has, and whether they differ.
public enum ChannelLayoutFacts: String, Codable, Sendable, Equatable {
    /// One channel.
    case mono
    /// Two or more channels that are the same, as a mono recording in a stereo file has them.
    case dualMono
    /// Two or more channels that differ.
    case stereo
}
