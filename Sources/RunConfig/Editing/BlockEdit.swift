/// One attempt to change a text in block style, line by line.
struct BlockEdit {
    let places: BlockPlaces

    /// The text with the value of a path set, or taken away; nil where the text's form does not allow it.
    func text(setting steps: ArraySlice<EditStep>, to node: ConfigNode?) -> String? {
        if let slot = places.slot(of: steps) {
            return node.map { replacing(slot, with: $0) } ?? removing(slot, steps)
        }
        guard let node, let last = steps.last else { return nil }
        return inserting(last, node, into: steps.dropLast())
    }

    private func replacing(_ slot: Slot, with node: ConfigNode) -> String {
        var lines = places.lines
        let extent = ValueExtent(of: slot, in: lines)
        let shape = ValueWriter.shape(
            of: node,
            indentation: slot.indentation + 2,
            isBlockList: slot.isBlockList
        )
        var new: [String]
        switch shape {
        case .inline(let text):
            let space = extent.start.map { String(Array(lines[slot.line][slot.head..<$0])) } ?? " "
            let head = String(Array(lines[slot.line][..<slot.head]))
            new = [
                (head + (text.isEmpty ? "" : space + kept(text, extent, slot)) + extent.tail)
                    .trimmedEnd
            ]
        case .below(let below):
            new = [String(Array(lines[slot.line][..<slot.head])) + extent.tail] + below
            if slot.isItem, extent.tail.isEmpty {
                new = [new[0] + " " + below[0].drop { $0 == " " }] + below.dropFirst()
            }
        }
        lines.replace(slot.line..<extent.lastLine + 1, with: new)
        return lines.text
    }

    /// A word keeps the quotes that its predecessor had.
    private func kept(_ text: String, _ extent: ValueExtent, _ slot: Slot) -> String {
        guard let start = extent.start, !slot.isNested, text.first?.isLetter == true,
            case .text = YAMLScalar.value(of: text)
        else { return text }
        switch places.lines[slot.line][start] {
        case "\"": return "\"\(text)\""
        case "'": return "'\(text)'"
        default: return text
        }
    }

    private func removing(_ slot: Slot, _ steps: ArraySlice<EditStep>) -> String? {
        var lines = places.lines
        let last = ValueExtent(of: slot, in: lines).lastLine
        let head = Array(lines[slot.line][..<slot.indentation])
        if head.isBlank {
            lines.replace(slot.line..<last + 1, with: [])
            return lines.text
        }
        // The first key stands behind a dash, which goes to the second.
        let siblings = places.entries(of: steps.dropLast())
        guard let next = siblings.first(where: { $0.line > last }) else { return nil }
        let moved = String(head) + String(Array(lines[next.line][slot.indentation...]))
        lines.replace(next.line..<next.line + 1, with: [moved])
        lines.replace(slot.line..<last + 1, with: [])
        return lines.text
    }

    private func inserting(
        _ step: EditStep,
        _ node: ConfigNode,
        into parent: ArraySlice<EditStep>
    ) -> String? {
        let siblings = places.entries(of: parent)
        guard let first = siblings.first, let end = siblings.max(by: { $0.line < $1.line }) else {
            return nil
        }
        var lines = places.lines
        let line = ValueExtent(of: end, in: lines).lastLine + 1
        let new =
            switch step {
            case .key(let key):
                ValueWriter.lines(.init(key: key, line: 1, value: node), first.indentation)
            case .index: ValueWriter.lines(item: node, first.indentation)
            }
        lines.replace(line..<line, with: new)
        return lines.text
    }
}
