/// What was measured of a voice alone.
public struct VoiceFacts: Codable, Sendable, Equatable {
    /// Number of sounds that were measured.
    public var sounds: Int
    /// Seconds of speech in them; pauses and other sound do not count.
    public var seconds: Double
    /// Whether speech was found in all sounds; where not, all that is not silent was measured.
    public var isSpeech: Bool
    /// The highest frequency in Hz that was measured.
    public var bandwidth: Double
    /// The middle pitch in Hz; nil if nothing is voiced.
    public var medianPitch: Double?
    /// The pitch in Hz that a twentieth of the voiced frames stay below.
    public var lowPitch: Double?
    /// The pitch in Hz that a twentieth of the voiced frames are above.
    public var highPitch: Double?
    /// Share of the frames that have a pitch.
    public var voicedShare: Double
    /// Mean frequency of the spectra in Hz, weighted with their magnitudes: how bright it sounds.
    public var spectralCentroid: Double
}
