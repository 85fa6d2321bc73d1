public import Media

/// How a voice sounds, measured from one or several sounds.
///
/// Only speech counts: frames of 10 ms that ``SpeechDetector`` marks and that are within 40 dB of
/// the loud ones, so that pauses, noise between words and music without a voice are left out. Where
/// that is less than a tenth of a second, as in whispering, all that is within 40 dB counts.
public struct VoiceProfile: Sendable {
    /// What was measured.
    public let facts: VoiceFacts
    /// Spectra of all frames.
    let spectra: [VoiceSpectra]
    private let signals: [VoiceSignal]
    private let pitches: [Double?]

    /// Measures a sound of any rate from 4 kHz up.
    ///
    /// - Throws: `silent` if there is nothing in it to measure.
    public init(_ sound: Waveform, name: String = "sound") throws(VoiceError) {
        try self.init([sound], name: name)
    }

    /// Measures several sounds of one voice as one; silent ones are left out.
    ///
    /// - Throws: `silent` if there is nothing to measure in any of them.
    public init(_ sounds: [Waveform], name: String = "sounds") throws(VoiceError) {
        try self.init(sounds.compactMap(VoiceSignal.init), name: name)
    }

    init(_ signals: [VoiceSignal], name: String) throws(VoiceError) {
        guard let bandwidth = signals.map(\.bandwidth).min() else { throw VoiceError.silent(name) }
        self.init(signals, signals.flatMap(PitchTracker.pitches), bandwidth: bandwidth)
    }

    private init(_ signals: [VoiceSignal], _ pitches: [Double?], bandwidth: Double) {
        self.signals = signals
        self.pitches = pitches
        spectra = signals.map { VoiceSpectra($0, highest: bandwidth) }
        let voiced = pitches.compactMap(\.self).sorted()
        facts = VoiceFacts(
            sounds: signals.count,
            seconds: Double(pitches.count) * VoiceSignal.step,
            isSpeech: signals.allSatisfy(\.isSpeech),
            bandwidth: bandwidth,
            medianPitch: voiced.percentile(0.5),
            lowPitch: voiced.percentile(0.05),
            highPitch: voiced.percentile(0.95),
            voicedShare: Double(voiced.count) / Double(pitches.count),
            spectralCentroid: spectra.flatMap(\.centroids).mean
        )
    }

    /// The same voice as heard through a narrower band; itself if it is not wider.
    func limited(to bandwidth: Double) -> VoiceProfile {
        guard bandwidth < facts.bandwidth else { return self }
        return VoiceProfile(signals, pitches, bandwidth: bandwidth)
    }
}

/// Why a voice cannot be measured.
public enum VoiceError: Error, Equatable, CustomStringConvertible {
    /// There is nothing to hear.
    case silent(String)
    /// A file without sound.
    case noSound(String)
    /// A folder without a file that can be read.
    case emptyFolder(String)

    /// Says what is and what to do.
    public var description: String {
        switch self {
        case .silent(let name):
            "\(name): there is no sound to measure, or less than a tenth of a second of it; use a "
                + "sound in which the voice is heard for some seconds"
        case .noSound(let name):
            "\(name): the file has no sound; use a sound file, or a video with sound"
        case .emptyFolder(let name):
            "\(name): there is no sound or video file in the folder; put the voice's files there"
        }
    }
}
