import Foundation
import SoundAnalysis

/// A comparison of two voices in plain words.
struct VoiceTable {
    private let comparison: VoiceComparison

    init(_ comparison: VoiceComparison) { self.comparison = comparison }

    var text: String {
        (heading + distances + [""] + each + [""] + notes).joined(separator: "\n")
    }

    private var heading: [String] {
        [
            "spectral voice distance  " + number(comparison.distance, 2)
                + "   0 is the same sound; this is no speaker identity",
            "",
        ]
    }

    private var distances: [String] {
        [
            row("log-mel", comparison.logMelDistance, "dB", "levels of 40 bands: mean and spread"),
            row("long-term spectrum", comparison.longTermDistance, "dB", "timbre on average"),
            row(
                "nearest frames",
                comparison.nearestDistortion,
                "dB",
                "mel-cepstral, each moment beside the most similar one"
            ),
            row("pitch", comparison.pitchDistance, "semitones", "between the middle pitches"),
            row("brightness", comparison.centroidDistance, "Hz", "between the spectral centroids"),
            row(
                "aligned, MCD",
                comparison.alignedDistortion,
                "dB",
                "mel-cepstral in time; only where both say the same words"
            ),
            row("aligned, log-mel", comparison.alignedLogMelDistance, "dB", "the same, 40 bands"),
            comparison.speakerSimilarity.map {
                row("speaker model", $0, "", "cosine similarity by your model; 1 is the same")
            },
        ].compactMap(\.self)
    }

    private var each: [String] {
        let (a, b) = (comparison.first, comparison.second)
        return [
            pair("", "A", "B", ""),
            pair("sounds", "\(a.sounds)", "\(b.sounds)", ""),
            pair("measured", number(a.seconds, 1), number(b.seconds, 1), "s"),
            pair("middle pitch", number(a.medianPitch, 0), number(b.medianPitch, 0), "Hz"),
            pair("pitch, low 5 %", number(a.lowPitch, 0), number(b.lowPitch, 0), "Hz"),
            pair("pitch, high 5 %", number(a.highPitch, 0), number(b.highPitch, 0), "Hz"),
            pair(
                "voiced",
                number(100 * a.voicedShare, 0),
                number(100 * b.voicedShare, 0),
                "%"
            ),
            pair("centroid", number(a.spectralCentroid, 0), number(b.spectralCentroid, 0), "Hz"),
        ]
    }

    private var notes: [String] {
        let voices = [("A", comparison.first), ("B", comparison.second)]
        let unsure = voices.filter { !$0.1.isSpeech }.map {
            "No speech was found in some of \($0.0): all that is not silent was measured there."
        }
        let short = voices.filter { $0.1.seconds < 3 }.map {
            "\($0.0) has less than 3 s to measure: figures of so little vary with the words."
        }
        return unsure + short + [
            "Measured up to \(number(comparison.first.bandwidth, 0)) Hz. A room, a microphone or a "
                + "codec counts as much as a voice:",
            "compare two recordings of the same voice to learn what distance is usual.",
        ]
    }

    private func row(_ name: String, _ value: Double?, _ unit: String, _ meaning: String) -> String
    {
        padded("  " + name, 23) + padded(number(value, 2), 8, isRight: true) + " "
            + padded(unit, 11) + meaning
    }

    private func pair(_ name: String, _ a: String, _ b: String, _ unit: String) -> String {
        padded("  " + name, 23) + padded(a, 8, isRight: true) + padded(b, 8, isRight: true)
            + (unit.isEmpty ? "" : " " + unit)
    }

    private func number(_ value: Double?, _ digits: Int) -> String {
        value.map { String(format: "%.\(digits)f", $0) } ?? "none"
    }

    private func padded(_ text: String, _ width: Int, isRight: Bool = false) -> String {
        let space = String(repeating: " ", count: max(0, width - text.count))
        return isRight ? space + text : text + space
    }
}
