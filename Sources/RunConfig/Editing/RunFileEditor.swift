import Foundation

/// Why a run file's text cannot be changed as asked.
public struct RunFileEditFault: Error, Sendable, Equatable, CustomStringConvertible {
    /// Line of the text, counted from 1.
    public let line: Int
    /// The key, such as `train.lr`; empty for the text as a whole.
    public let path: String
    /// What is, and what should be.
    public let message: String
    /// What to do about it.
    public let fix: String

    /// Reads `line 3: network: got "lora", expected a mapping of keys; remove network first`.
    public var description: String {
        "line \(line): \(path.isEmpty ? "" : "\(path): ")\(message)\(fix.isEmpty ? "" : "; \(fix)")"
    }
}

/// A run file's text after one change.
public struct RunFileEdit: Sendable, Equatable {
    /// The new text.
    public let text: String
    /// The key whose whole value was written anew, empty for the document; nil where only the asked lines changed.
    public let rewritten: String?
    /// Comments of the old text that the new one lacks.
    public let lostComments: [String]
}

/// Changes one key in the text of a run file and keeps all else as it is written.
///
/// A change is made to lines of block style, read again and compared, value by value, with what it should give. Where
/// that differs (anchors, brackets, odd indentation), the section around the key is written anew, and in the last
/// resort the document.
public enum RunFileEditor {
    /// Sets or removes the value of a key.
    ///
    /// - Parameters:
    ///   - path: as in the schema, with indices for lists: `train.lr`, `datasets[0].fps`, `config.name`; `process[1].…`
    ///     for a second process.
    ///   - value: nil removes the key, and sections that it leaves empty.
    ///   - text: YAML or JSON.
    /// - Returns: the new text, and what of the old one it lacks.
    /// - Throws: if the text cannot be read, or the path leads through a value without keys.
    public static func edit(
        _ path: String,
        to value: ConfigValue?,
        in text: String
    ) throws(RunFileEditFault) -> RunFileEdit {
        let asked = try EditPath(path)
        let isJSON = isJSON(text)
        let plain = masked(isJSON ? JSONText.joiningSurrogates(in: text) : text)
        let lines = TextLines(plain)
        let tree = try read(lines) ?? ConfigNode(line: 1, content: .mapping([]))
        guard case .mapping = tree.content else { throw noMapping(tree) }
        let node = value.map { ConfigNode(edited: $0) }
        let steps = node == nil ? tree.removable(asked.steps) : asked.steps
        let wanted = try tree.changing(steps[...], to: node)
        if wanted.value == tree.value {
            return RunFileEdit(text: text, rewritten: nil, lostComments: [])
        }
        let (new, rewritten) =
            isJSON
            ? (ValueWriter.json(wanted) + "\n", nil)
            : result(lines, wanted, steps, removes: node == nil)
        return RunFileEdit(
            text: unmasked(new),
            rewritten: rewritten,
            lostComments: isJSON ? [] : lost(from: lines, in: TextLines(new)).map(unmasked)
        )
    }

    /// The least change that reads as what is wanted.
    private static func result(
        _ lines: TextLines,
        _ wanted: ConfigNode,
        _ steps: [EditStep],
        removes: Bool
    ) -> (String, String?) {
        if let places = try? BlockPlaces(lines, parsedAs: lines.unified) {
            let edit = BlockEdit(places: places)
            for depth in (1...steps.count).reversed() {
                let prefix = steps[..<depth]
                // Behind a removed item of a list the next one has its index.
                let isGone = removes && depth == steps.count
                let node = isGone ? nil : wanted.node(at: prefix)
                guard let text = edit.text(setting: prefix, to: node),
                    reads(text, as: wanted)
                else { continue }
                let isWhole = depth < steps.count && places.slot(of: prefix)?.isNested != nil
                return (text, isWhole && hadValue(prefix, places) ? prefix.shown : nil)
            }
        }
        return document(wanted, lines)
    }

    private static func hadValue(_ steps: ArraySlice<EditStep>, _ places: BlockPlaces) -> Bool {
        guard let slot = places.slot(of: steps) else { return false }
        let extent = ValueExtent(of: slot, in: places.lines)
        return extent.start != nil || extent.lastLine > slot.line
    }

    /// The whole document anew; the comments before its first line stay.
    private static func document(_ wanted: ConfigNode, _ lines: TextLines) -> (String, String?) {
        let head = lines.lines.prefix { $0.isComment || $0.isBlank }.map { String($0) }
        guard case .below(let body) = ValueWriter.shape(of: wanted, indentation: 0) else {
            return ("{}\n", "")
        }
        let isEmpty = head.count == lines.count
        return ((head + body).joined(separator: "\n") + "\n", isEmpty ? nil : "")
    }

    private static func reads(_ text: String, as wanted: ConfigNode) -> Bool {
        guard let tree = try? YAMLReader.read(TextLines(text).unified) else { return false }
        return tree.value == wanted.value
    }

    private static func read(_ lines: TextLines) throws(RunFileEditFault) -> ConfigNode? {
        do {
            return try YAMLReader.read(lines.unified)
        } catch {
            throw RunFileEditFault(
                line: error.line,
                path: "",
                message: error.message,
                fix: error.fix
            )
        }
    }

    private static func noMapping(_ tree: ConfigNode) -> RunFileEditFault {
        RunFileEditFault(
            line: tree.line,
            path: "",
            message: "got \(tree.shown), expected a mapping with job and config",
            fix: "begin with \"job: extension\""
        )
    }

    private static func lost(from old: TextLines, in new: TextLines) -> [String] {
        var kept = Dictionary(grouping: new.comments, by: \.self).mapValues(\.count)
        return old.comments.filter { comment in
            guard let count = kept[comment], count > 0 else { return true }
            kept[comment] = count - 1
            return false
        }
    }

    private static func isJSON(_ text: String) -> Bool {
        text.first { !$0.isWhitespace } == "{"
            && (try? JSONSerialization.jsonObject(with: Data(text.utf8))) != nil
    }

    /// `${VAR}` without the brackets that YAML would read, at the same columns.
    private static func masked(_ text: String) -> String {
        text.replacing(#/\$\{([A-Za-z0-9_]+)\}/#) { "$\u{e000}\($0.1)\u{e001}" }
    }

    private static func unmasked(_ text: String) -> String {
        text.replacing("\u{e000}", with: "{").replacing("\u{e001}", with: "}")
    }
}

extension ConfigNode {
    /// The path to remove, so that no section and no list stays behind empty; a process stays.
    fileprivate func removable(_ steps: [EditStep]) -> [EditStep] {
        var steps = steps
        while steps.count > 1, node(at: steps) != nil, isOnlyPart(of: steps.dropLast()) {
            steps.removeLast()
        }
        return steps
    }

    private func isOnlyPart(of steps: ArraySlice<EditStep>) -> Bool {
        let isFrame = steps.count <= 3 && steps.starts(with: [.key("config"), .key("process")])
        switch node(at: steps)?.content {
        case .mapping(let entries)?: return entries.count == 1 && !isFrame
        case .list(let items)?: return items.count == 1 && !isFrame
        default: return false
        }
    }
}
