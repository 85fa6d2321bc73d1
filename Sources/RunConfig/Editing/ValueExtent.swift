/// What of a text is the value in a slot.
struct ValueExtent {
    /// Column where the value begins on the slot's line; nil if there is none on it.
    var start: Int?
    /// The last line that belongs to the value, counted from 0.
    var lastLine: Int
    /// What follows the value on its line: spaces and a comment.
    var tail: String

    init(of slot: Slot, in lines: TextLines) {
        let line = lines[slot.line]
        lastLine = slot.line
        tail = ""
        let first = line.indices[slot.head...].first { line[$0] != " " && line[$0] != "\t" }
        guard let first, line[first] != "#" else {
            tail = String(Array(line[slot.head...])).trimmedEnd
            lastLine = Self.end(of: slot, in: lines, isText: false)
            return
        }
        start = first
        if slot.isNested {
            lastLine = Self.end(of: slot, in: lines, isText: false)
            return
        }
        switch line[first] {
        case "\"", "'", "[", "{":
            guard let end = Self.close(from: (slot.line, first), in: lines) else { return }
            lastLine = end.line
            tail = String(Array(lines[end.line][(end.column + 1)...])).trimmedEnd
        default:
            let rest = Array(line[first...])
            if let comment = rest.commentStart {
                let text = rest[..<comment].lastIndex { $0 != " " && $0 != "\t" } ?? 0
                tail = String(Array(rest[(text + 1)...])).trimmedEnd
            }
            let isText = line[first] == "|" || line[first] == ">"
            lastLine = Self.end(of: slot, in: lines, isText: isText)
        }
    }

    /// The last line that is indented deeper than the slot; comments count within what is nested, and in a text.
    private static func end(of slot: Slot, in lines: TextLines, isText: Bool) -> Int {
        var last = slot.line
        for index in lines.lines.indices.dropFirst(slot.line + 1) {
            let line = lines[index]
            if line.isBlank { continue }
            let isInside = line.indentation > slot.indentation
            if line.isComment, !isText {
                if isInside, slot.isNested { last = index }
                continue
            }
            let isDash = line[line.indentation] == "-" && line.indentation == slot.indentation
            guard isInside || (isDash && slot.isBlockList && !slot.isItem) else { break }
            last = index
        }
        return last
    }

    /// Where the quote or bracket closes that opens at a place.
    private static func close(
        from start: (line: Int, column: Int),
        in lines: TextLines
    ) -> (line: Int, column: Int)? {
        var scanner = FlowScanner()
        for index in start.line..<lines.count {
            let line = lines[index]
            for column in (index == start.line ? start.column : 0)..<line.count {
                if scanner.isSkippingComment { break }
                let before = column > 0 ? line[column - 1] : " "
                let after = column + 1 < line.count ? line[column + 1] : " "
                if scanner.closes(with: line[column], between: before, after) {
                    return (index, column)
                }
            }
            scanner.beginLine()
        }
        return nil
    }
}

/// Follows quotes and brackets, scalar by scalar.
private struct FlowScanner {
    private(set) var isSkippingComment = false
    private var depth = 0
    private var quote: Unicode.Scalar?
    private var isEscaped = false

    mutating func beginLine() {
        isSkippingComment = false
        isEscaped = false
    }

    /// Whether what was opened first is closed by this one.
    mutating func closes(
        with scalar: Unicode.Scalar,
        between before: Unicode.Scalar,
        _ after: Unicode.Scalar
    ) -> Bool {
        if let quote {
            if isEscaped {
                isEscaped = false
            } else if (scalar == "\\" && quote == "\"")
                || (scalar == "'" && quote == "'" && after == "'")
            {
                isEscaped = true
            } else if scalar == quote {
                self.quote = nil
                return depth == 0
            }
            return false
        }
        switch scalar {
        case "[", "{": depth += 1
        case "]", "}": depth -= 1
        case "\"", "'":
            if depth == 0 || " \t[{,:".unicodeScalars.contains(before) { quote = scalar }
        case "#": isSkippingComment = before == " " || before == "\t"
        default: break
        }
        return depth == 0 && quote == nil && "]}".unicodeScalars.contains(scalar)
    }
}
