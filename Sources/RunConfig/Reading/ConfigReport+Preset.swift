/// What a preset sets a key to, and whether the file has its own say.
public struct PresetValue: Sendable, Equatable {
    /// The key, such as `train.lr` or `datasets[0].do_audio`.
    public let path: String
    /// The preset's value, as it would stand in the file.
    public let value: String
    /// Whether the file gives another one.
    public let isOverridden: Bool
}

extension ConfigReport {
    /// The preset's value for a place; nil if there is none.
    func presetNode(at place: Place) -> ConfigNode? {
        guard let value = preset?.defaults[Self.presetKey(place)] else { return nil }
        return ConfigNode(line: place.line, preset: value)
    }

    /// Whether the preset sets anything within a section.
    func presetReaches(into place: Place) -> Bool {
        let prefix = Self.presetKey(place) + "."
        return preset?.defaults.keys.contains { $0.hasPrefix(prefix) } ?? false
    }

    /// `train.lr` for `process[1].train.lr`.
    private static func presetKey(_ place: Place) -> String {
        String(place.schemaPath.trimmingPrefix("process[]."))
    }
}

extension ConfigNode {
    /// A value as the preset's table writes it: texts, and lists of texts.
    fileprivate init(line: Int, preset value: ConfigValue) {
        self.line = line
        switch value {
        case .list(let items): content = .list(items.map { ConfigNode(line: line, preset: $0) })
        case .text(let text): content = .scalar(text, plain: false)
        default: content = .scalar("\(value)", plain: true)
        }
    }
}
