/// What a preset sets a key to, and whether the file has its own say.
public struct PresetValue: Sendable, Equatable {
    /// The key, such as `train.lr` or `datasets[0].do_audio`.
    public let path: String
    /// The preset's value, as it would stand in the file.
    public let value: String
    /// Whether the file gives another one, under this key or one that says the same.
    public let isOverridden: Bool
}

/// A preset within one process: its values, and what the process itself says by other keys.
struct AppliedPreset {
    private let defaults: [String: ConfigValue]
    private let overridden: Set<String>

    init(_ preset: TrainingPreset, in process: ConfigSection) {
        defaults = preset.defaults
        var overridden = Set(
            TrainingPreset.otherKeys.filter { $0.value.contains(where: process.gives) }.keys
        )
        let optimizer = process.node(at: "train.optimizer").flatMap { OptimizerKind($0) }
        if optimizer?.findsLearningRate == true { overridden.formUnion(TrainingPreset.rates) }
        self.overridden = overridden
    }

    /// The value for a place, and whether the process says the same by another key; nil if there is none.
    func value(at place: Place) -> (value: ConfigValue, isOverridden: Bool)? {
        let key = Self.key(place)
        return defaults[key].map { ($0, overridden.contains(key)) }
    }

    /// Whether the preset sets anything within a section.
    func reaches(into place: Place) -> Bool {
        let prefix = Self.key(place) + "."
        return defaults.keys.contains { $0.hasPrefix(prefix) }
    }

    /// `train.lr` for `process[1].train.lr`.
    private static func key(_ place: Place) -> String {
        String(place.schemaPath.trimmingPrefix("process[]."))
    }
}

extension ConfigNode {
    /// A value as the preset's table writes it.
    init(line: Int, preset value: ConfigValue) {
        self.line = line
        switch value {
        case .list(let items): content = .list(items.map { ConfigNode(line: line, preset: $0) })
        case .text(let text): content = .scalar(text, plain: false)
        default: content = .scalar("\(value)", plain: true)
        }
    }
}
