import Foundation

/// How far apart two voices are: *spectral voice distance*.
///
/// It compares how two recordings sound, voice and recording together: another microphone, room or
/// codec moves it too. It does not tell who speaks. Level does not matter, nor do pauses. Both are
/// measured up to the highest frequency that both hold, at most 7.6 kHz.
public struct VoiceComparison: Codable, Sendable, Equatable {
    /// The one number, 0 for the same sound.
    ///
    /// The mean of `logMelDistance`, `longTermDistance`, `nearestDistortion` (all in dB) and of
    /// `pitchDistance` (a semitone counts as 1 dB), if both have a pitch.
    public var distance: Double
    /// Distance of the distributions of the 40 mel bands' levels in dB.
    ///
    /// Root mean square over the bands of the 2-Wasserstein distance of two normal distributions:
    /// √((mean − mean)² + (spread − spread)²).
    public var logMelDistance: Double
    /// Root mean square difference of the long-term average spectra in mel bands, in dB.
    public var longTermDistance: Double
    /// Mel-cepstral distortion in dB of each frame and the most similar one of the other, on the
    /// average of both directions: needs no common words.
    public var nearestDistortion: Double
    /// Mel-cepstral distortion in dB, 10 / ln 10 · √(2 Σ (c − c')²) over the coefficients 1 to 13,
    /// mean over the frames that dynamic time warping pairs.
    ///
    /// Means something where both say the same words. Nil for several sounds, or more than a minute
    /// of speech.
    public var alignedDistortion: Double?
    /// Root mean square difference of log-mel levels in dB over the same pairs of frames.
    public var alignedLogMelDistance: Double?
    /// Between the median pitches, in semitones; nil if one has none.
    public var pitchDistance: Double?
    /// Between the spectral centroids, in Hz.
    public var centroidDistance: Double
    /// What was measured of each alone, up to the highest frequency of both.
    public var first, second: VoiceFacts
    /// Cosine of the speakers' embeddings, -1 to 1, where the user gave a model for them.
    public var speakerSimilarity: Double?

    /// Compares two voices.
    public init(_ a: VoiceProfile, _ b: VoiceProfile) {
        let bandwidth = min(a.facts.bandwidth, b.facts.bandwidth)
        let (a, b) = (a.limited(to: bandwidth), b.limited(to: bandwidth))
        let (first, second) = (VoiceStatistics(a.spectra), VoiceStatistics(b.spectra))
        self.first = a.facts
        self.second = b.facts
        logMelDistance = hypot(
            rootMeanSquare(first.means, second.means),
            rootMeanSquare(first.deviations, second.deviations)
        )
        longTermDistance = rootMeanSquare(first.longTerm, second.longTerm)
        nearestDistortion = VoiceAlignment.nearest(first.cepstra, second.cepstra)
        centroidDistance = abs(a.facts.spectralCentroid - b.facts.spectralCentroid)
        if let one = a.facts.medianPitch, let other = b.facts.medianPitch {
            pitchDistance = abs(12 * log2(one / other))
        }
        distance =
            [logMelDistance, longTermDistance, nearestDistortion, pitchDistance]
            .compactMap(\.self).mean
        guard a.spectra.count == 1, b.spectra.count == 1 else { return }
        addAligned(first, second)
    }

    private mutating func addAligned(_ first: VoiceStatistics, _ second: VoiceStatistics) {
        guard max(first.frames.count, second.frames.count) <= VoiceAlignment.longest else { return }
        let path = VoiceAlignment.path(first.cepstra, second.cepstra)
        alignedDistortion =
            path.map { MelCepstrum.distance(first.cepstra[$0], second.cepstra[$1]) }.mean
        alignedLogMelDistance =
            path.map { rootMeanSquare(first.frames[$0], second.frames[$1]) }.mean
    }
}

/// The root mean square difference of two rows.
private func rootMeanSquare(_ a: [Double], _ b: [Double]) -> Double {
    zip(a, b).map { ($0 - $1) * ($0 - $1) }.mean.squareRoot()
}
