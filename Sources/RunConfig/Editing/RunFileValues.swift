extension RunFile {
    /// The values that a text gives, by path such as `train.lr`, without any check of them.
    ///
    /// `[name]` and `${VAR}` are left as they are written.
    ///
    /// - Returns: empty for a text that cannot be read.
    public static func values(in text: String) -> [String: ConfigValue] {
        let unified = TextLines(JSONText.joiningSurrogates(in: text)).unified
        guard let tree = try? YAMLReader.read(unified) else { return [:] }
        var collector = ValueCollector()
        collector.visit(tree, at: "", schema: "")
        return collector.values
    }
}

/// Goes through a tree and keeps what the schema's keys are given.
private struct ValueCollector {
    private static let types = Dictionary(
        RunFile.schema.map { ($0.path, $0.type) },
        uniquingKeysWith: { $1 }
    )
    var values: [String: ConfigValue] = [:]

    mutating func visit(_ node: ConfigNode, at path: String, schema: String) {
        switch node.content {
        case .mapping(let entries):
            if let type = Self.types[schema], type != "section" { values[path] = node.value }
            for entry in entries { visit(entry, in: path, schema) }
        case .list(let items) where path == "config.process":
            for (index, item) in items.enumerated() {
                visit(item, at: items.count > 1 ? "process[\(index)]" : "", schema: "")
            }
        case .list(let items):
            guard items.contains(where: \.isMapping) else {
                values[path] = node.value
                return
            }
            for (index, item) in items.enumerated() {
                visit(item, at: "\(path)[\(index)]", schema: "\(schema)[]")
            }
        case .scalar: values[path] = node.value
        }
    }

    private mutating func visit(_ entry: ConfigNode.Entry, in path: String, _ schema: String) {
        let inner = path.isEmpty ? entry.key : "\(path).\(entry.key)"
        let innerSchema = schema.isEmpty ? entry.key : "\(schema).\(entry.key)"
        visit(entry.value, at: inner, schema: innerSchema)
    }
}

extension ConfigNode {
    fileprivate var isMapping: Bool { if case .mapping = content { true } else { false } }
}

extension TrainingPreset {
    /// What stands for keys that a file does not give, by the schema's path.
    public var values: [String: ConfigValue] { defaults }
}
