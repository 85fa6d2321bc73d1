import Foundation
import SoundAnalysis
import TrainingRun

extension RunReview {
    /// The review as a terminal shows it.
    public var text: String {
        [clipTable, refusedLines, factLines, remarkLines, verdictLines]
            .filter { !$0.isEmpty }.joined(separator: "\n\n") + "\n"
    }

    // MARK: - Clips

    private var clipTable: String {
        let head = ["", "clip", "becomes", "length", "loudness", "speech", "remarks"]
        let rows = clips.map(row)
        let columns = [head] + rows
        let widths = head.indices.dropLast().map { column in
            columns.map { $0[column].count }.max() ?? 0
        }
        return columns.map { cells in
            let padded = zip(cells, widths).map { cell, width in
                cell + String(repeating: " ", count: width - cell.count)
            }
            return (padded + [cells.last ?? ""]).joined(separator: "  ").trimmed
        }.joined(separator: "\n")
    }

    private func row(_ clip: ClipReview) -> [String] {
        [
            clip.mark, clip.name, clip.becomes,
            clip.isImage ? "image" : "\(clip.seconds.text(1)) s",
            clip.sound?.loudness.map { "\($0.text(0)) LUFS" } ?? "-",
            clip.sound.map { "\($0.speechSeconds.text(1)) s" } ?? "-",
            clip.remarks.map(\.text).joined(separator: "; "),
        ]
    }

    private var refusedLines: String {
        refused.isEmpty
            ? "" : (["Not used:"] + refused.map { "  \($0)" }).joined(separator: "\n")
    }

    // MARK: - The run

    private var factLines: String {
        var lines = [
            "Run \(run) on \(device): \(model)",
            "  voice     \(spokenMinutes) of usable speech in \(clipsWithSound) of \(clipCount) clips, "
                + "spoken words in \(Int((transcriptShare * 100).rounded())) % of their captions",
        ]
        if let memoryBytes {
            let there = deviceBytes.map { " of \($0.inBytes)" } ?? ""
            lines.append("  memory    about \(memoryBytes.inBytes)\(there)")
        }
        if let time {
            lines.append(
                "  time      about \(time.secondsPerStep.short) a step, \(time.seconds.duration) for "
                    + "\(time.steps) steps: matrix products alone, at a measured "
                    + "\((time.flopsPerSecond / 1e12).text(2)) TFLOP/s"
            )
        }
        if let decodeBack { lines.append("  decoded   \(decodeBack.text)") }
        return lines.joined(separator: "\n")
    }

    var spokenMinutes: String {
        usableSpeechSeconds < 120
            ? "\(Int(usableSpeechSeconds)) seconds"
            : "\((usableSpeechSeconds / 60).text(1)) minutes"
    }

    private var remarkLines: String {
        guard !remarks.isEmpty else { return "" }
        return remarks.map { "  \($0.mark) \($0.subject.rawValue): \($0.text)" }.joined(
            separator: "\n"
        )
    }

    private var verdictLines: String {
        "Will learn the face:  \(face.words)\nWill learn the voice: \(voice.words)"
    }
}

extension DecodeBack {
    /// Reads `sound through the audio VAE and back: 8.1 dB signal to noise (log-mel, median of 4 clips)`.
    var text: String {
        if let problem { return "not tried: \(problem)" }
        guard let median else { return "not tried: no clip has sound" }
        return "sound through the audio VAE and back: \(median.text(1)) dB signal to noise "
            + "(log-mel, median of \(sounds.count) clips)"
    }
}

extension ClipReview {
    /// The worse of both verdicts as one character.
    var mark: String { face.worse(voice).mark }

    /// `2 x 672x384x81`.
    var becomes: String {
        let buckets = windows.map(\.bucket)
        guard let first = buckets.first else { return "nothing" }
        let others = Set(buckets).count - 1
        let times = buckets.count > 1 ? "\(buckets.count) x " : ""
        return "\(times)\(first)" + (others > 0 ? " and \(others) more" : "")
    }
}

extension Remark {
    var mark: String { effect.mark }
}

extension Verdict {
    /// One character that needs no colour.
    var mark: String {
        switch self {
        case .yes: "✓"
        case .doubtful: "?"
        case .no: "✗"
        case .notAsked: "-"
        }
    }

    /// For people.
    var words: String {
        switch self {
        case .yes: "yes"
        case .doubtful: "doubtful"
        case .no: "no"
        case .notAsked: "not asked for"
        }
    }
}

extension Double {
    /// With so many decimals.
    func text(_ decimals: Int) -> String { String(format: "%.\(decimals)f", self) }

    /// Seconds as `1.25 s`, or `8 ms` where they are few.
    var short: String { self < 0.1 ? "\((self * 1000).text(1)) ms" : "\(text(2)) s" }

    /// Seconds as `3 min` or `2 h 10 min`.
    var duration: String {
        if self < 90 { return "\(text(0)) s" }
        let minutes = Int((self / 60).rounded())
        return minutes < 120 ? "\(minutes) min" : "\(minutes / 60) h \(minutes % 60) min"
    }
}

extension String {
    /// Without white space at the end.
    fileprivate var trimmed: String {
        guard let last = lastIndex(where: { $0 != " " }) else { return "" }
        return String(self[...last])
    }
}
