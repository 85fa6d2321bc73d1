import Torch

/// What the adapters do to clips that are never trained on.
public struct HeldOutResult: Codable, Equatable, Sendable {
    /// Losses of the base model alone.
    public var base: LossMeasure
    /// Losses with the adapters.
    public var adapted: LossMeasure

    /// Joins both measures.
    public init(base: LossMeasure, adapted: LossMeasure) {
        self.base = base
        self.adapted = adapted
    }

    /// Share of the base model's picture loss that the adapters take away; below 0 they do harm.
    public var faceGain: Double { 1 - adapted.video / base.video }

    /// Share of the base model's sound loss that the adapters take away, both modalities at one noise
    /// level as in sampling; nil if no held-out clip has sound.
    public var voiceGain: Double? {
        guard let before = base.audio, let after = adapted.audio else { return nil }
        return 1 - after / before
    }
}

/// A gain and the step it was reached at.
public struct BestGain: Codable, Equatable, Sendable {
    /// Finished steps.
    public var step: Int
    /// The gain.
    public var gain: Double
}

/// What is remembered of the held-out measurements of a run.
public struct HeldOutMemory: Codable, Equatable, Sendable {
    /// Losses of the base model alone: measured once.
    public var base: LossMeasure?
    /// The best picture so far.
    public var bestFace: BestGain?
    /// The best sound so far.
    public var bestVoice: BestGain?
    /// Whether it was said that the voice has turned.
    public var hasTurned = false

    /// Nothing measured yet.
    public init() {}
}

/// Measures held-out clips now and then: cheap, and the same noise every time.
final class HeldOutWatch {
    private let meter: LossMeter
    private let batches: [TrainingBatch]
    /// Steps between two measurements.
    let every: Int
    /// What is remembered; part of a run's state.
    var memory = HeldOutMemory()

    init(_ meter: LossMeter, _ batches: [TrainingBatch], every: Int) {
        self.meter = meter
        self.batches = batches
        self.every = max(1, every)
    }

    /// What a measurement says.
    struct Finding {
        let result: HeldOutResult
        var isBestFace = false
        var isBestVoice = false
        var notice: String?
    }

    /// Losses of the base model alone, measured once.
    func measureBase() throws -> LossMeasure {
        let base = try memory.base ?? meter.measureBase(batches)
        memory.base = base
        return base
    }

    func measure(step: Int) throws -> Finding {
        let base = try measureBase()
        let result = HeldOutResult(base: base, adapted: try meter.measure(batches))
        var finding = Finding(result: result)
        finding.isBestFace = improves(&memory.bestFace, result.faceGain, step)
        if let gain = result.voiceGain {
            finding.isBestVoice = improves(&memory.bestVoice, gain, step)
            finding.notice = turned(gain)
        }
        return finding
    }

    private func improves(_ best: inout BestGain?, _ gain: Double, _ step: Int) -> Bool {
        guard gain > 0, gain > best?.gain ?? 0 else { return false }
        best = BestGain(step: step, gain: gain)
        return true
    }

    /// Once, when the voice has lost a fifth of the best gain it had.
    private func turned(_ gain: Double) -> String? {
        guard !memory.hasTurned, let best = memory.bestVoice, best.gain > 0.01,
            gain < best.gain * 0.8
        else { return nil }
        memory.hasTurned = true
        return "voice gain has turned: \(percent(gain)) now, \(percent(best.gain)) after step "
            + "\(best.step); what is learned of the voice no longer helps on clips held out; the best "
            + "adapter is kept, and train.audio_lr or steps may be too high"
    }

    private func percent(_ share: Double) -> String {
        "\((share * 1000).rounded() / 10) %"
    }
}
