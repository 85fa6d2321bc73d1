import Foundation

/// Reads a job's log from a place on.
public enum LogTail {
    /// Part of a log.
    public struct Part: Equatable, Sendable {
        /// Its text; bytes that are no text are shown as such.
        public let text: String
        /// Where it begins.
        public let start: Int
        /// Where the next part begins.
        public let next: Int
    }

    /// The text from a byte on; no more than `limit` bytes, whole characters.
    ///
    /// - Parameters:
    ///   - path: the log; one that is not there is empty.
    ///   - from: a place in it; below 0 it counts from the end. Beyond the end, as when a log began anew, reading
    ///     begins at the start.
    ///   - limit: most bytes.
    /// - Returns: the text and where to read on.
    /// - Throws: if the file is there and cannot be read.
    public static func read(_ path: String, from: Int, limit: Int = 64 << 10) throws -> Part {
        guard let file = FileHandle(forReadingAtPath: path) else {
            return Part(text: "", start: 0, next: 0)
        }
        defer { try? file.close() }
        let size = Int(try file.seekToEnd())
        let start = from < 0 ? max(0, size + from) : (from > size ? 0 : from)
        try file.seek(toOffset: UInt64(start))
        let data = try file.read(upToCount: limit) ?? Data()
        // The first bytes of a character whose others are beyond the limit come with the next part.
        let whole = data.count == limit ? data.dropLast(cut(data)) : data
        return Part(
            text: String(decoding: whole, as: UTF8.self),
            start: start,
            next: start + whole.count
        )
    }

    /// The last lines that are not empty, oldest first.
    ///
    /// - Throws: if the file is there and cannot be read.
    public static func lastLines(_ path: String, count: Int) throws -> [String] {
        let lines = try read(path, from: -(16 << 10)).text.split(whereSeparator: \.isNewline)
        return lines.map { $0.trimmingCharacters(in: .whitespaces) }
            .filter { !$0.isEmpty }.suffix(count)
    }

    /// Bytes of a character that the data ends within.
    private static func cut(_ data: Data) -> Int {
        for (count, byte) in data.reversed().prefix(4).enumerated() {
            if byte & 0xC0 == 0x80 { continue }
            let length = byte < 0x80 ? 1 : byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
            return length > count + 1 ? count + 1 : 0
        }
        return 0
    }
}
