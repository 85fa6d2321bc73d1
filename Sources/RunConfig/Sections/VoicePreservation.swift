/// How the frozen model's voice is kept on clips without sound.
public struct VoicePreservation: Sendable, Equatable {
    /// Key `every`: steps between two such losses; 0 is never.
    public var every: Int
    /// Key `multiplier`: factor of the loss; 0 is none.
    public var multiplier: Double
    /// Key `clips`: sounds that the base model makes before training; 0 is silence alone.
    public var clips = 4
    /// Key `steps`: sampling steps of each.
    public var steps = 20
    /// Key `guidance`: guidance scale of the sound while sampling.
    public var guidance = 4.0

    /// Whether there is any.
    public var isOn: Bool { every > 0 && multiplier > 0 }

    /// Every so many steps, this strong.
    public init(every: Int, multiplier: Double) {
        self.every = every
        self.multiplier = multiplier
    }
}

extension VoicePreservation: ConfigReadable {
    static let noun = "true, false or a mapping with every and multiplier"
    static let plural = noun
    static let schemaType = "boolean or mapping"

    init?(_ node: ConfigNode) {
        if let isOn = Bool(node) {
            self.init(every: isOn ? 1 : 0, multiplier: isOn ? 1 : 0)
        } else if case .mapping = node.content {
            self.init(every: 1, multiplier: 1)
        } else {
            return nil
        }
    }

    var configValue: ConfigValue { .bool(isOn) }
}

extension TrainSection {
    mutating func readVoicePreservation(from section: inout ConfigSection) {
        section.about("Keep the frozen model's sound on clips without any.")
        section.read(
            "voice_preservation",
            into: &voicePreservation,
            fix: "write {every: 1, multiplier: 1.0}",
            otherwise: "on when some clips have sound and some do not"
        )
        guard var child = section.keys(of: "voice_preservation") else { return }
        var rules = VoicePreservation(every: 1, multiplier: 1)
        rules.read(from: &child)
        if !section.report.isSchemaPass { voicePreservation = rules }
    }
}

extension VoicePreservation {
    fileprivate mutating func read(from section: inout ConfigSection) {
        section.about("Steps from one such loss to the next.")
        section.read("every", into: &every, .within(1...1_000_000))
        section.about("Factor of that loss.")
        section.read("multiplier", into: &multiplier, .atLeast(0))
        section.about("Sounds that the base model makes before training; 0 keeps to silence.")
        section.read("clips", into: &clips, .within(0...64))
        section.about("Sampling steps of each.")
        section.read("steps", into: &steps, .within(1...1000))
        section.about("Guidance scale of each; 1 is none.")
        section.read("guidance", into: &guidance, .within(1...100))
        section.rejectUnknownKeys()
    }
}
