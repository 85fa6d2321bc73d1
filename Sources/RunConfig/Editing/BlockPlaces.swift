import Yams

/// Where a value stands in a text of block style: behind its key's colon or its dash.
struct Slot {
    /// Line of the key or dash, counted from 0.
    let line: Int
    /// The columns that stay when the value changes: through colon or dash.
    let head: Int
    /// Column of the key or dash.
    let indentation: Int
    /// Whether it is an item of a list.
    let isItem: Bool
    /// Whether it is a mapping or a list in block style.
    let isNested: Bool
    /// Whether it is a list in block style.
    let isBlockList: Bool
}

/// The values of a text and where they stand.
struct BlockPlaces {
    let lines: TextLines
    private let root: Node

    /// - Returns: nil for a text without a value.
    init?(_ lines: TextLines, parsedAs text: String) throws {
        guard let root = try compose(yaml: text) else { return nil }
        self.lines = lines
        self.root = root
    }

    /// Where the value of a path stands; nil if it does not, or not in block style.
    func slot(of steps: some Collection<EditStep>) -> Slot? {
        var node = root
        var slot: Slot?
        for step in steps {
            guard isBlock(node), let (next, place) = child(of: node, step) else { return nil }
            node = next
            slot = place
        }
        return slot
    }

    /// The mapping or list in block style at a path, by the slots of its entries.
    func entries(of steps: some Collection<EditStep>) -> [Slot] {
        var node = root
        for step in steps {
            guard isBlock(node), let (next, _) = child(of: node, step) else { return [] }
            node = next
        }
        guard isBlock(node) else { return [] }
        switch node {
        case .mapping(let mapping): return mapping.compactMap { slot(key: $0.key, $0.value) }
        case .sequence(let sequence): return sequence.compactMap { slot(item: $0) }
        default: return []
        }
    }

    private func child(of node: Node, _ step: EditStep) -> (Node, Slot)? {
        switch (step, node) {
        case (.key(let name), .mapping(let mapping)):
            guard let (key, value) = mapping.first(where: { $0.key.scalar?.string == name }),
                let slot = slot(key: key, value)
            else { return nil }
            return (value, slot)
        case (.index(let index), .sequence(let sequence)) where index < sequence.count:
            return slot(item: sequence[index]).map { (sequence[index], $0) }
        default: return nil
        }
    }

    private func slot(key: Node, _ value: Node) -> Slot? {
        guard let place = place(of: key), let colon = colon(behind: place) else { return nil }
        return slot(place.line, colon + 1, place.column, isItem: false, value)
    }

    private func slot(item: Node) -> Slot? {
        guard let place = place(of: item) else { return nil }
        let line = lines[place.line]
        guard let dash = line[..<place.column].lastIndex(where: { $0 != " " }), line[dash] == "-"
        else { return nil }
        return slot(place.line, dash + 1, dash, isItem: true, item)
    }

    private func slot(_ line: Int, _ head: Int, _ column: Int, isItem: Bool, _ value: Node) -> Slot
    {
        let isList = if case .sequence = value { isBlock(value) } else { false }
        return Slot(
            line: line,
            head: head,
            indentation: column,
            isItem: isItem,
            isNested: isBlock(value),
            isBlockList: isList
        )
    }

    /// Whether a node is a mapping or list that begins with a word, not with a bracket, an anchor or a tag.
    private func isBlock(_ node: Node) -> Bool {
        if case .scalar = node { return false }
        guard let place = place(of: node), place.column < lines[place.line].count else {
            return false
        }
        return !"{[&!*".unicodeScalars.contains(lines[place.line][place.column])
    }

    private func place(of node: Node) -> (line: Int, column: Int)? {
        guard let mark = node.mark, (1...max(lines.count, 1)).contains(mark.line),
            mark.line <= lines.count, mark.column - 1 <= lines[mark.line - 1].count
        else { return nil }
        return (mark.line - 1, mark.column - 1)
    }

    private func colon(behind key: (line: Int, column: Int)) -> Int? {
        let line = lines[key.line]
        var index = key.column
        if index < line.count, line[index] == "\"" || line[index] == "'" {
            let quote = line[index]
            guard let end = line[(index + 1)...].firstIndex(of: quote) else { return nil }
            index = end
        }
        return line.indices[index...].first {
            line[$0] == ":" && ($0 + 1 == line.count || line[$0 + 1] == " " || line[$0 + 1] == "\t")
        }
    }
}
