import Foundation
public import Media
public enum SoundAnalysis {
    public static func dump(_ w: Waveform) -> String {
        let levels = FrameLevels(w).values
        let signal = AnalysisSignal(w)
        let frames = SpeechFrameMeter(signal).frames(count: levels.count)
        let speech = SpeechDetector.speech(frames)
        let tones = ToneMeter(signal).steadyTones(count: levels.count / 2)
        let m = MusicSuspicion(levels: levels, frames: frames, tones: tones)
        let l = Loudness(w)
        func f(_ d: Double) -> String { String(format: "%6.2f", d) }
        var s = "speech \(f(Double(speech.count { $0 }) / Double(max(1, speech.count)))) tones \(f(m.steadyTones)) tones2 \(f(m.steadyTones2)) pauses \(f(m.pauses)) mod \(f(m.modulation)) beat \(f(m.beat)) @\(f(m.beatSeconds)) L \(f(l.integrated ?? -999)) TP \(f(l.truePeak ?? -999)) floor \(f(FrameLevels(w).noiseFloor ?? -999)) sil \(f(FrameLevels(w).silenceShare)) \(w.layoutFacts)"
        if ProcessInfo.processInfo.environment["MARKS"] != nil { s += "\n" + speech.map { $0 ? "1" : "0" }.joined() }
        if ProcessInfo.processInfo.environment["FRAMES"] != nil {
            s += "\n" + frames.map { "\(f($0.level)) \(f($0.crossings)) \(f($0.flatness)) \(f($0.periodicity))" }.joined(separator: "\n") }
        return s
    }
}
