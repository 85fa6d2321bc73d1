import Adapters

/// How far the adapters have moved the model's matrices, by pathway.
public struct AdapterChange: Codable, Equatable, Sendable {
    /// Root mean square of the change of an element, by the pathway's name.
    public var byPathway: [String: Double]

    init(byPathway: [String: Double]) { self.byPathway = byPathway }

    /// Takes the change of a network.
    public init(_ network: any TrainedNetwork) {
        let changes = network.changes.map { ($0.key.rawValue, $0.value) }
        self.init(byPathway: Dictionary(uniqueKeysWithValues: changes))
    }

    func value(_ pathway: Pathway) -> Double? { byPathway[pathway.rawValue] }
}

/// Notices that a run trains the picture and leaves the sound where it was.
struct VoiceChangeWatch {
    private(set) var hasSpoken = false
    /// Below this share of the picture's change the sound has hardly moved.
    private static let share = 0.02

    /// A sentence, once, after the first tenth of the run.
    mutating func look(_ change: AdapterChange, step: Int, of steps: Int) -> String? {
        guard !hasSpoken, step >= max(50, steps / 10), let audio = change.value(.audio),
            let video = change.value(.video), audio < video * Self.share
        else { return nil }
        hasSpoken = true
        return
            "the adapters of the sound have hardly moved: \(audio) beside \(video) of the picture "
            + "(root mean square); look for [audio] lines and the supervised ratio, and check "
            + "train.audio_lr and the balance of the losses"
    }
}
