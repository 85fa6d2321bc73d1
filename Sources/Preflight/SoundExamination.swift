import Media
import SoundAnalysis

/// Listens to a clip at its own rate, so that what is measured is what was recorded.
struct SoundExamination {
    let reader: ClipReader
    /// Whether training reads all of it, not its windows alone.
    let needsWhole: Bool
    /// Whether envelope and spectrogram are wanted for a page.
    let draws: Bool

    private static let columns = 240
    private static let bins = 64

    /// Measures the whole clip; if that cannot be decoded, what lies in its windows.
    func listen(to found: inout ExaminedClip) {
        guard reader.info.audio != nil, found.review.seconds > 0 else { return }
        do {
            let whole = try read(0...found.review.seconds)
            measure(whole, parts: found.review.covered.map { slice(whole, $0) }, &found)
            found.review.silentWindows = found.review.distinctWindows.count {
                slice(whole, $0).isSilent
            }
        } catch {
            listenToWindows(of: &found, otherwise: "\(error)")
        }
    }

    private func listenToWindows(of found: inout ExaminedClip, otherwise problem: String) {
        guard !needsWhole else {
            found.review.soundProblem = problem
            return
        }
        do {
            let parts = try found.review.covered.map(read)
            measure(joined(parts), parts: parts, &found)
            found.review.soundProblemElsewhere = problem
        } catch {
            found.review.soundProblem = "\(error)"
        }
    }

    private func measure(_ whole: Waveform, parts: [Waveform], _ found: inout ExaminedClip) {
        guard !whole.isSilent else { return }
        let facts = SoundAnalysis.measure(whole)
        found.review.sound = facts
        let heard = parts.reduce(0.0) { $0 + $1.seconds }
        found.review.speechInWindows =
            heard >= whole.seconds * 0.99
            ? facts.speechSeconds
            : parts.reduce(0) { $0 + ($1.isSilent ? 0 : SoundAnalysis.measure($1).speechSeconds) }
        guard draws else { return }
        found.envelope = SoundAnalysis.envelope(whole, count: Self.columns)
        found.spectrogram = SoundAnalysis.spectrogram(whole, columns: Self.columns, bins: Self.bins)
    }

    private func read(_ seconds: ClosedRange<Double>) throws -> Waveform {
        let rate = min(max(reader.info.audio?.sampleRate ?? 0, 8000), 48000)
        let sound = try reader.sound(
            from: seconds.lowerBound,
            duration: seconds.upperBound - seconds.lowerBound,
            sampleRate: rate
        )
        switch sound {
        case .absent: return Waveform(sampleRate: rate, samples: [[]])
        case .silent(let waveform), .sound(let waveform): return plain(waveform)
        }
    }

    /// One channel where the file has one: the reader gives two.
    private func plain(_ waveform: Waveform) -> Waveform {
        guard reader.info.audio?.channels == 1 else { return waveform }
        return Waveform(
            sampleRate: waveform.sampleRate,
            samples: Array(waveform.samples.prefix(1))
        )
    }

    private func slice(_ waveform: Waveform, _ seconds: ClosedRange<Double>) -> Waveform {
        let rate = Double(waveform.sampleRate)
        let count = waveform.samples.first?.count ?? 0
        let from = min(max(Int(seconds.lowerBound * rate), 0), count)
        let to = min(max(Int(seconds.upperBound * rate), from), count)
        return Waveform(
            sampleRate: waveform.sampleRate,
            samples: waveform.samples.map { Array($0[from..<to]) }
        )
    }

    private func joined(_ parts: [Waveform]) -> Waveform {
        guard let first = parts.first else { return Waveform(sampleRate: 8000, samples: [[]]) }
        let channels = first.samples.indices.map { channel in
            parts.flatMap { $0.samples[channel] }
        }
        return Waveform(sampleRate: first.sampleRate, samples: channels)
    }
}

extension Waveform {
    /// Length.
    fileprivate var seconds: Double {
        Double(samples.first?.count ?? 0) / Double(sampleRate)
    }
}
