import Foundation
public import Media

/// Measures what a clip's sound is like, before anything is trained on it.
public enum SoundAnalysis {
    /// Below this rate a voice cannot be told from anything else.
    private static let lowestRate = 2000

    /// Measures a sound of any rate with 1 to 8 channels.
    ///
    /// Levels, clipping, silence and loudness are measured on the samples as they are (a value
    /// that is no number counts as 0); speech and music are estimated on a mix at 16 kHz or a
    /// little more. Below 2 kHz neither is estimated. Give the file's own rate: resampling hides
    /// clipping.
    ///
    /// `ClipReader` gives two channels for a file of one: pass one of them, or the sound is
    /// called dual mono and is 3 LU louder than its file.
    public static func measure(_ waveform: Waveform) -> SoundFacts {
        let waveform = waveform.finite
        var facts = SoundFacts(
            seconds: 0,
            sampleRate: waveform.sampleRate,
            channels: waveform.layoutFacts
        )
        guard let count = waveform.samples.first?.count, count > 0, waveform.sampleRate > 0 else {
            return facts
        }
        facts.seconds = Double(count) / Double(waveform.sampleRate)
        facts.addLevels(of: waveform)
        if waveform.sampleRate >= lowestRate { facts.addEstimates(of: waveform) }
        return facts
    }
}

extension SoundFacts {
    fileprivate mutating func addLevels(of waveform: Waveform) {
        let meter = Loudness(waveform)
        loudness = meter.integrated
        truePeak = meter.truePeak
        peak = decibels(magnitude: Double(waveform.peak))
        clippedShare = waveform.clippedShare
        let levels = FrameLevels(waveform)
        silenceShare = levels.silenceShare
        noiseFloor = levels.noiseFloor
    }

    fileprivate mutating func addEstimates(of waveform: Waveform) {
        let levels = FrameLevels(waveform).values
        let signal = AnalysisSignal(waveform)
        let frames = SpeechFrameMeter(signal).frames(count: levels.count)
        let speech = SpeechDetector.speech(frames).count { $0 }
        speechShare = levels.isEmpty ? 0 : Double(speech) / Double(levels.count)
        speechSeconds = Double(speech) * FrameLevels.seconds

        let tones = ToneMeter(signal).counts(Int(seconds / ToneMeter.step))
        musicReason = MusicSuspicion(levels: levels, frames: frames, tones: tones).reason
        looksLikeMusic = musicReason != nil
    }
}

extension Waveform {
    /// Zeros in place of what is no number or infinite.
    var finite: Waveform {
        guard samples.contains(where: { $0.contains { !$0.isFinite } }) else { return self }
        return Waveform(
            sampleRate: sampleRate,
            samples: samples.map { $0.map { $0.isFinite ? $0 : 0 } }
        )
    }
}
