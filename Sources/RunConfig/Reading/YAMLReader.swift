import Yams

/// Text to nodes; only this and the editor of run files (`BlockPlaces`) know the YAML library.
enum YAMLReader {
    /// Why a text is not one YAML document, with the line where reading stopped.
    struct Fault: Error {
        let line: Int
        let message: String
        let fix: String
    }

    /// - Returns: `nil` for a text without content.
    static func read(_ text: String) throws(Fault) -> ConfigNode? {
        let root: Node?
        do {
            root = try compose(yaml: text)
        } catch let error as YamlError {
            throw fault(error, in: text)
        } catch {
            throw Fault(line: 1, message: "cannot be read: \(error)", fix: "")
        }
        guard let root else { return nil }
        var converter = NodeConverter()
        let node = try converter.convert(root)
        return node.isNull ? nil : node
    }

    private static func fault(_ error: YamlError, in text: String) -> Fault {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            syntaxFault(problem, line: mark.line, in: text)
        case .duplicatedKeysInMapping(let keys, let context):
            duplicateFault(keys, line: context.mark.line, in: text)
        case .reader(let problem, let offset, _, _):
            Fault(
                line: 1 + text.utf8.prefix(offset ?? 0).count { $0 == UInt8(ascii: "\n") },
                message: "not text: \(problem)",
                fix: "save the file as UTF-8"
            )
        default:
            Fault(line: 1, message: "cannot be read as YAML", fix: "save the file as UTF-8")
        }
    }

    private static func syntaxFault(_ problem: String, line: Int, in text: String) -> Fault {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let line = min(max(line, 1), max(lines.count, 1))
        let indentation = lines.isEmpty ? "" : lines[line - 1].prefix { $0 == " " || $0 == "\t" }
        if indentation.contains("\t") {
            return Fault(
                line: line,
                message: "a tab in the indentation, expected spaces",
                fix: "replace each tab by two spaces"
            )
        }
        return Fault(
            line: line,
            message: "not valid YAML: \(problem)",
            fix: "check the indentation, colons and quotes of this line and the one before"
        )
    }

    private static func duplicateFault(_ keys: [String], line: Int, in text: String) -> Fault {
        let key = keys.first ?? ""
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        let again = lines.indices.dropFirst(line).first { index in
            lines[index].drop { $0 == " " || $0 == "-" }.hasPrefix("\(key):")
        }
        let place = again.map { ", again in line \($0 + 1)" } ?? ""
        return Fault(
            line: max(line, 1),
            message: "key \"\(key)\" is given twice in one section\(place)",
            fix: "keep one"
        )
    }
}

/// The library's nodes to ours, with aliases and merge keys resolved.
private struct NodeConverter {
    /// Aliases of aliases grow without bound; a run file has a few hundred nodes.
    private var budget = 100_000

    mutating func convert(_ node: Node) throws(YAMLReader.Fault) -> ConfigNode {
        let line = node.mark?.line ?? 1
        budget -= 1
        guard budget > 0 else {
            throw YAMLReader.Fault(
                line: line,
                message: "more than 100000 values after aliases are followed",
                fix: "write the values out"
            )
        }
        switch node {
        case .scalar(let scalar):
            let plain = scalar.style == .plain && scalar.tag.description != "tag:yaml.org,2002:str"
            return ConfigNode(line: line, content: .scalar(scalar.string, plain: plain))
        case .sequence(let sequence):
            var items: [ConfigNode] = []
            for item in sequence { items.append(try convert(item)) }
            return ConfigNode(line: line, content: .list(items))
        case .mapping(let mapping):
            return ConfigNode(line: line, content: .mapping(try entries(of: mapping)))
        case .alias:
            return ConfigNode(line: line, content: .scalar("", plain: true))
        }
    }

    /// Own keys win over merged ones (`<<`), earlier merged mappings over later ones.
    private mutating func entries(
        of mapping: Node.Mapping
    ) throws(YAMLReader.Fault) -> [ConfigNode.Entry] {
        var own: [ConfigNode.Entry] = []
        var merged: [ConfigNode.Entry] = []
        for (key, value) in mapping {
            let node = try convert(value)
            guard case .scalar(let scalar) = key else {
                throw YAMLReader.Fault(
                    line: key.mark?.line ?? node.line,
                    message: "a key that is not a word",
                    fix: "check the colons and brackets of this line"
                )
            }
            if scalar.string == "<<", scalar.style == .plain {
                merged += mergedEntries(node)
            } else {
                let line = scalar.mark?.line ?? node.line
                own.append(ConfigNode.Entry(key: scalar.string, line: line, value: node))
            }
        }
        var taken = Set(own.map(\.key))
        return own + merged.filter { taken.insert($0.key).inserted }
    }

    private func mergedEntries(_ node: ConfigNode) -> [ConfigNode.Entry] {
        switch node.content {
        case .mapping(let entries): entries
        case .list(let nodes): nodes.flatMap(mergedEntries)
        case .scalar: []
        }
    }
}
