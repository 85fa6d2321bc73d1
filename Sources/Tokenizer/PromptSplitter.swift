/// Cuts a prompt at what Gemma's published tokenizer does not leave to byte-pair encoding.
///
/// transformers matches control and user-defined pieces in the raw prompt before anything else,
/// the longest first; libsentencepiece never matches control pieces, and user-defined ones only
/// after blanks have become U+2581. Both join blanks, but runs longer than the longest piece
/// differ: see ``blankRun(_:)``.
struct PromptSplitter: Sendable {
    enum Part: Equatable {
        case ids([Int32])
        case text(Range<Int>)
    }

    private static let blank = Array("\u{2581}".utf8)
    private static let space = UInt8(ascii: " ")

    private let literals: [UInt8: [(id: Int32, text: [UInt8])]]
    private let blankIDs: [Int: Int32]
    private let longestBlank: Int

    init(_ model: SentencePieceModel) {
        let usable = model.literals.filter { !$0.text.isEmpty }
            .sorted { $0.text.count > $1.text.count }
        literals = Dictionary(grouping: usable) { $0.text[0] }
        var runs: [Int: Int32] = [:]
        for piece in usable {
            if let count = Self.blanks(in: piece.text) { runs[count] = piece.id }
        }
        runs[1] = model.pieces.firstIndex { $0.text == Self.blank }.map(Int32.init)
        blankIDs = runs
        // Without a piece for one blank, a run might leave blanks that have no id.
        longestBlank = runs[1] == nil ? 0 : runs.keys.max() ?? 0
    }

    /// Parts in order; together they cover `prompt`.
    func parts(of prompt: [UInt8]) -> [Part] {
        var parts: [Part] = []
        var start = 0
        var position = 0
        while position < prompt.count {
            guard let (ids, length) = match(prompt[position...]) else {
                position += 1
                continue
            }
            if start < position { parts.append(.text(start..<position)) }
            parts.append(.ids(ids))
            position += length
            start = position
        }
        if start < prompt.count { parts.append(.text(start..<prompt.count)) }
        return parts
    }

    /// What begins here, if it is cut out, and how many bytes it takes.
    private func match(_ rest: ArraySlice<UInt8>) -> (ids: [Int32], length: Int)? {
        guard let first = rest.first else { return nil }
        if let piece = literals[first]?.first(where: { rest.starts(with: $0.text) }) {
            return ([piece.id], piece.text.count)
        }
        guard longestBlank > 1, first == Self.space else { return nil }
        let count = rest.prefix { $0 == Self.space }.count
        return count > longestBlank ? (blankRun(count), count) : nil
    }

    /// Ids of a run of blanks that no single piece covers.
    ///
    /// transformers merges neighbours in the order of the pieces that result, shortest first, and
    /// of the left part's length: 32 blanks become 16 + 16, where libsentencepiece says 31 + 1.
    private func blankRun(_ count: Int) -> [Int32] {
        var lengths = Array(repeating: 1, count: count)
        for total in 2...longestBlank where blankIDs[total] != nil {
            for left in 1..<total { lengths = Self.merged(lengths, left, total - left) }
        }
        return lengths.compactMap { blankIDs[$0] }
    }

    private static func merged(_ lengths: [Int], _ left: Int, _ right: Int) -> [Int] {
        var result: [Int] = []
        var index = 0
        while index < lengths.count {
            let joins = lengths[index...].starts(with: [left, right])
            result.append(joins ? left + right : lengths[index])
            index += joins ? 2 : 1
        }
        return result
    }

    /// The number of blanks of a piece that consists of nothing else.
    private static func blanks(in text: [UInt8]) -> Int? {
        let count = text.count / blank.count
        return text == Array(repeating: blank, count: count).flatMap(\.self) ? count : nil
    }
}
