extension ConfigSection {
    /// The section under a key; `nil` if it is absent or not a mapping.
    mutating func section(_ key: String, isRequired: Bool = false) -> ConfigSection? {
        declare(
            key,
            type: "section",
            default: .null,
            isRequired: isRequired,
            expected: "a mapping of keys"
        )
        if report.isSchemaPass { return ConfigSection(nil, at: place(of: key), report: report) }
        guard has(key), let node = entries[key]?.value else {
            if isRequired { missing(key, expected: "a mapping of keys", fix: "add the section") }
            return report.preset?.reaches(into: place(of: key)) == true
                ? ConfigSection(nil, at: place(of: key), report: report) : nil
        }
        report.remember(place(of: key))
        guard case .mapping = node.content else {
            error(
                key,
                "got \(node.shown), expected a mapping of keys",
                fix: "indent its keys below it"
            )
            return nil
        }
        return ConfigSection(node, at: place(of: key), report: report)
    }

    /// The keys of a value that may also be something plainer; nil if it is that, or absent.
    func keys(of key: String) -> ConfigSection? {
        if report.isSchemaPass { return ConfigSection(nil, at: place(of: key), report: report) }
        guard let node = entries[key]?.value, case .mapping = node.content else { return nil }
        return ConfigSection(node, at: place(of: key), report: report)
    }

    /// The sections in a list; empty if it is absent or something else.
    mutating func sections(_ key: String, isRequired: Bool = false) -> [ConfigSection] {
        declare(
            key,
            type: "list of section",
            default: [],
            isRequired: isRequired,
            expected: "a list of mappings"
        )
        if report.isSchemaPass {
            let item = Place(path: "\(path(of: key))[]", line: 1)
            return [ConfigSection(nil, at: item, report: report)]
        }
        guard has(key), let node = entries[key]?.value else {
            if isRequired { missing(key, expected: "a list", fix: "add an entry, as in \"- …\"") }
            return []
        }
        report.remember(place(of: key))
        guard case .list(let items) = node.content else {
            error(
                key,
                "got \(node.shown), expected a list",
                fix: "begin each entry with a dash, as in \"- …\""
            )
            return []
        }
        return items.indices.compactMap { item(items[$0], at: "\(path(of: key))[\($0)]") }
    }

    private func item(_ node: ConfigNode, at path: String) -> ConfigSection? {
        let place = Place(path: path, line: node.line)
        report.remember(place)
        guard case .mapping = node.content else {
            report.add(
                .error,
                place,
                "got \(node.shown), expected a mapping of keys",
                fix: "write keys and values below the dash"
            )
            return nil
        }
        return ConfigSection(node, at: place, report: report)
    }

    /// The section under another path: the entries of a process are the run's own keys.
    func renamed(_ path: String) -> ConfigSection {
        var copy = ConfigSection(nil, at: Place(path: path, line: place.line), report: report)
        copy.entries = entries
        copy.order = order
        return copy
    }

    /// An error, or a warning in a lenient run, for each key that no call has declared.
    mutating func rejectUnknownKeys() {
        for key in order where !known.contains(key) {
            report.add(
                report.isLenient ? .warning : .error,
                place(of: key),
                "unknown key",
                fix: fix(forUnknown: key)
            )
        }
    }

    private func fix(forUnknown key: String) -> String {
        if let meant = Suggestion.nearest(to: key, among: known) {
            return "did you mean \"\(meant)\"?"
        }
        let elsewhere = RunFile.schema.filter { $0.path.split(separator: ".").last == key[...] }
        if let path = elsewhere.first(where: { $0.status == .live })?.path {
            return "it belongs to \"\(path)\""
        }
        return "remove it, or run with --lenient to go on without it"
    }
}

extension ConfigSection {
    /// Replaces a tag in every text of the section, but not in its `name`.
    mutating func replace(_ tag: String, with text: String) {
        for key in order where key != "name" {
            guard let value = entries[key]?.value else { continue }
            entries[key]?.value = value.replacing(tag, with: text)
        }
    }

    func isEmptyList(_ key: String) -> Bool {
        if case .list(let items) = entries[key]?.value.content { items.isEmpty } else { false }
    }
}
