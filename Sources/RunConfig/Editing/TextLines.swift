/// The lines of a text, each with the line break that it had.
///
/// Columns count Unicode scalars, as the marks of the YAML library do.
struct TextLines {
    typealias Line = [Unicode.Scalar]

    private(set) var lines: [Line]
    private var breaks: [String]
    private let newline: String

    init(_ text: String) {
        var lines: [Line] = []
        var breaks: [String] = []
        var line: Line = []
        for scalar in text.unicodeScalars {
            guard scalar == "\n" else {
                line.append(scalar)
                continue
            }
            let isWide = line.last == "\r"
            if isWide { line.removeLast() }
            lines.append(line)
            breaks.append(isWide ? "\r\n" : "\n")
            line = []
        }
        if !line.isEmpty {
            lines.append(line)
            breaks.append("")
        }
        self.lines = lines
        self.breaks = breaks
        newline = breaks.contains("\r\n") && !breaks.contains("\n") ? "\r\n" : "\n"
    }

    var text: String {
        var text = ""
        for (line, ending) in zip(lines, breaks) { text += String(line) + ending }
        return text
    }

    /// The text with plain line breaks, whose lines have the same numbers.
    var unified: String { lines.map { String($0) }.joined(separator: "\n") + "\n" }

    var count: Int { lines.count }

    subscript(index: Int) -> Line { lines[index] }

    /// Puts lines in the place of others; a last line without a line break keeps lacking it.
    mutating func replace(_ range: Range<Int>, with new: [String]) {
        var endings = new.map { _ in newline }
        if let last = breaks[range].last, !new.isEmpty { endings[new.count - 1] = last }
        if range.isEmpty, range.lowerBound == count, let last = breaks.indices.last,
            breaks[last].isEmpty
        {
            breaks[last] = newline
        }
        lines.replaceSubrange(range, with: new.map { Array($0.unicodeScalars) })
        breaks.replaceSubrange(range, with: endings)
        if let index = breaks.dropLast().firstIndex(of: "") { breaks[index] = newline }
    }

    /// The comments, from their `#` on; a `#` in a text of several lines may be among them.
    var comments: [String] {
        lines.compactMap { line in
            line.commentStart.map { String(Array(line[$0...])).trimmedEnd }
        }
    }
}

extension [Unicode.Scalar] {
    /// Columns before the first that is no space.
    var indentation: Int { prefix { $0 == " " }.count }

    var isBlank: Bool { allSatisfy { $0 == " " || $0 == "\t" } }

    var isComment: Bool { first { $0 != " " && $0 != "\t" } == "#" }

    /// Column of a `#` that begins a comment.
    var commentStart: Int? {
        var quote: Unicode.Scalar?
        for (index, scalar) in enumerated() {
            let isApart = index == 0 || " \t[{,:".unicodeScalars.contains(self[index - 1])
            if let open = quote {
                if scalar == open { quote = nil }
            } else if isApart, scalar == "\"" || scalar == "'" {
                quote = scalar
            } else if scalar == "#", index == 0 || self[index - 1] == " " || self[index - 1] == "\t"
            {
                return index
            }
        }
        return nil
    }
}

extension String {
    init(_ scalars: [Unicode.Scalar]) {
        var view = UnicodeScalarView()
        view.append(contentsOf: scalars)
        self.init(view)
    }

    var trimmedEnd: String {
        var text = self[...]
        while text.last?.isWhitespace == true { text.removeLast() }
        return String(text)
    }
}
