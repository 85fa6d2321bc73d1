extension ConfigNode {
    /// A value as the editor writes it; keys of mappings in alphabetical order.
    init(edited value: ConfigValue) {
        line = 1
        switch value {
        case .text(let text): content = .scalar(text, plain: false)
        case .list(let values): content = .list(values.map { ConfigNode(edited: $0) })
        case .mapping(let values):
            content = .mapping(
                values.sorted { $0.key < $1.key }.map {
                    Entry(key: $0.key, line: 1, value: ConfigNode(edited: $0.value))
                }
            )
        default: content = .scalar("\(value)", plain: true)
        }
    }

    /// What stands at a path; nil if nothing does.
    func node(at steps: some Sequence<EditStep>) -> ConfigNode? {
        var node = self
        for step in steps {
            switch (step, node.content) {
            case (.key(let key), _):
                guard let next = node.child(key) else { return nil }
                node = next
            case (.index(let index), .list(let items)) where index < items.count:
                node = items[index]
            default: return nil
            }
        }
        return node
    }

    /// The tree with one value set, or taken away.
    ///
    /// - Throws: where the path leads through something that has no keys or no such place.
    func changing(
        _ steps: ArraySlice<EditStep>,
        to value: ConfigNode?,
        behind done: [EditStep] = []
    ) throws(RunFileEditFault) -> ConfigNode {
        guard let step = steps.first else { return value ?? self }
        var copy = self
        switch step {
        case .key(let key):
            copy.content = .mapping(try entries(key, steps.dropFirst(), value, done + [step]))
        case .index(let index):
            copy.content = .list(try items(index, steps.dropFirst(), value, done + [step]))
        }
        return copy
    }

    private func entries(
        _ key: String,
        _ rest: ArraySlice<EditStep>,
        _ value: ConfigNode?,
        _ place: [EditStep]
    ) throws(RunFileEditFault) -> [Entry] {
        var entries: [Entry] = []
        if case .mapping(let own) = content {
            entries = own
        } else if !isNull {
            throw mismatch(place, expected: "a mapping of keys")
        }
        let index = entries.firstIndex { $0.key == key }
        if rest.isEmpty, value == nil {
            if let index { entries.remove(at: index) }
        } else if let index {
            entries[index].value = try entries[index].value.changing(rest, to: value, behind: place)
        } else if let value {
            let empty = ConfigNode(line: line, content: .scalar("", plain: true))
            let made = try empty.changing(rest, to: value, behind: place)
            entries.append(Entry(key: key, line: line, value: made))
        }
        return entries
    }

    private func items(
        _ index: Int,
        _ rest: ArraySlice<EditStep>,
        _ value: ConfigNode?,
        _ place: [EditStep]
    ) throws(RunFileEditFault) -> [ConfigNode] {
        var items: [ConfigNode] = []
        if case .list(let own) = content {
            items = own
        } else if !isNull {
            throw mismatch(place, expected: "a list")
        }
        if index < items.count {
            if rest.isEmpty, value == nil {
                items.remove(at: index)
            } else {
                items[index] = try items[index].changing(rest, to: value, behind: place)
            }
        } else if let value {
            guard index == items.count else { throw gap(place, count: items.count) }
            let empty = ConfigNode(line: line, content: .scalar("", plain: true))
            items.append(try empty.changing(rest, to: value, behind: place))
        }
        return items
    }

    private func mismatch(_ place: [EditStep], expected: String) -> RunFileEditFault {
        let path = place.dropLast().shown
        return RunFileEditFault(
            line: line,
            path: path,
            message: "got \(shown), expected \(expected)",
            fix: "remove \(path.isEmpty ? "it" : path) first"
        )
    }

    private func gap(_ place: [EditStep], count: Int) -> RunFileEditFault {
        RunFileEditFault(
            line: line,
            path: place.shown,
            message: "the list has \(count == 1 ? "one entry" : "\(count) entries")",
            fix: "the next one is [\(count)]"
        )
    }
}
