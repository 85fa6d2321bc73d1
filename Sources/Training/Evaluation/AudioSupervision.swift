/// How much of the sound that a run asks for is there to be learned from.
public struct AudioSupervision: Codable, Equatable, Sendable {
    /// Items seen that should have sound.
    public private(set) var expected = 0
    /// Items seen that should have sound and have it.
    public private(set) var supervised = 0
    /// Clips that should have sound and have none, and how often each was seen.
    public private(set) var silent: [String: Int] = [:]

    /// Nothing seen yet.
    public init() {}

    /// Takes in a batch.
    public mutating func count(_ batch: TrainingBatch) {
        for item in batch.items where item.settings.expectsSound {
            count(item.name, isHeard: item.audio != nil)
        }
    }

    /// Takes in a clip that should have sound.
    public mutating func count(_ clip: String, isHeard: Bool) {
        expected += 1
        if isHeard { supervised += 1 } else { silent[clip, default: 0] += 1 }
    }

    /// Share of the expected sound that was there; nil before any was expected.
    public var ratio: Double? {
        expected == 0 ? nil : Double(supervised) / Double(expected)
    }
}

/// Strict audio mode: a run that is to learn a voice must have enough sound to learn it from.
public struct StrictAudio: Equatable, Sendable {
    /// Share of the expected sound that must be there, 0...1.
    public var minimumRatio: Double
    /// Steps before anybody looks.
    public var warmupSteps: Int

    /// Rules with ai-toolkit's defaults.
    public init(minimumRatio: Double = 0.9, warmupSteps: Int = 50) {
        self.minimumRatio = minimumRatio
        self.warmupSteps = warmupSteps
    }

    /// Ends a run that has too little sound, once it is warm.
    public func check(_ found: AudioSupervision, after steps: Int) throws(StrictAudioError) {
        guard steps >= warmupSteps, let ratio = found.ratio, ratio < minimumRatio else { return }
        throw StrictAudioError(found: found, minimumRatio: minimumRatio)
    }
}

/// Too little of the sound is there.
public struct StrictAudioError: Error, Equatable, CustomStringConvertible {
    let found: AudioSupervision
    let minimumRatio: Double

    /// Where, what is, what should be, what to do, with the clips that lack sound.
    public var description: String {
        let share = Int(((found.ratio ?? 0) * 100).rounded())
        let wanted = Int((minimumRatio * 100).rounded())
        let names = found.silent.keys.sorted()
        let listed = names.prefix(20).map { "  \($0)" }
        let more = names.count > 20 ? ["  and \(names.count - 20) more"] : []
        return
            ([
                "train.strict_audio_mode: \(found.supervised) of \(found.expected) clips bring sound "
                    + "(\(share) %), should be \(wanted) % at least; give these clips their sound, move "
                    + "them to a dataset with do_audio: false, or lower strict_audio_min_supervised_ratio:"
            ] + listed + more).joined(separator: "\n")
    }
}
