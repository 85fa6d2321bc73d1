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

    /// A line for each clip; what is measured of its sound is that of the whole clip.
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
            (clip.tags + clip.remarks.map(\.text)).joined(separator: "; "),
        ]
    }

    private var refusedLines: String {
        refused.isEmpty
            ? "" : (["Not used:"] + refused.map { "  \($0)" }).joined(separator: "\n")
    }

    // MARK: - The run

    private var factLines: String {
        var lines = [
            "Run \(run) on \(device): \(model); text encoder \(textEncoder)",
            "  voice     \(usableSpeechSeconds.spoken) of usable speech in \(clipsWithSound) of \(clipCount) clips, "
                + "spoken words in \(Int((transcriptShare * 100).rounded())) % of their captions",
        ]
        if heldOutCount > 0 {
            lines.append("  held out  \(heldOutCount) \(heldOutCount == 1 ? "clip" : "clips")")
        }
        if let memoryBytes {
            let there = deviceBytes.map { " of \($0.inBytes)" } ?? ""
            lines.append("  memory    about \(memoryBytes.inBytes)\(there)")
        }
        if let time {
            lines.append(
                "  time      about \(time)"
            )
        }
        if let decodeBack { lines.append("  decoded   \(decodeBack.text)") }
        return lines.joined(separator: "\n")
    }

    private var remarkLines: String {
        guard !remarks.isEmpty else { return "" }
        return remarks.map { remark in
            let subject = remark.subject.rawValue.padding(toLength: 6, withPad: " ", startingAt: 0)
            return "  \(remark.mark) \(subject)\(remark.text)"
        }.joined(separator: "\n")
    }

    private var verdictLines: String {
        "Will learn the face:  \(face.words)\nWill learn the voice: \(voice.words)"
    }
}

extension DecodeBack {
    /// Reads `8.1 dB signal to noise through the audio VAE and back (log-mel, median of 4 clips)`.
    var text: String {
        if let problem { return "not tried: \(problem)" }
        guard let median else { return "not tried: no clip has sound" }
        return "\(median.text(1)) dB signal to noise through the audio VAE and back "
            + "(log-mel, median of \(sounds.count) \(sounds.count == 1 ? "clip" : "clips"))"
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

extension ClipReview {
    /// What sets it apart from other clips.
    var tags: [String] {
        switch role {
        case .training: []
        case .heldOut: ["held out"]
        case .regularisation: ["regularisation"]
        }
    }
}

extension Remark {
    /// A dot for what takes nothing away.
    var mark: String { effect == .yes ? "·" : effect.mark }
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

    /// With two decimals, or two digits where these would be zeros.
    var short: String { self >= 0.1 || self == 0 ? text(2) : String(format: "%.2g", self) }

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
