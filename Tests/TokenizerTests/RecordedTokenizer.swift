import Foundation
import Testing

/// The tokenizer fixtures; `tools/record-fixtures/README.md` says how they were recorded.
enum RecordedTokenizer {
    /// A prompt with the ids of transformers, and those of sentencepiece where they differ.
    struct Entry: Decodable, CustomTestStringConvertible {
        let prompt: String
        let transformers: [Int32]
        let sentencepiece: [Int32]?

        var testDescription: String { String(reflecting: prompt.prefix(40)) }
    }

    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/Verification/Recordings")

    static let modelPath = path("tokenizer/tokenizer.model")

    static func path(_ name: String) -> String { folder.appendingPathComponent(name).path }

    static func bytes(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appendingPathComponent(name)))
    }

    static func entries() throws -> [Entry] {
        let data = try Data(contentsOf: folder.appendingPathComponent("tokenizer/ids.json"))
        return try JSONDecoder().decode([Entry].self, from: data)
    }
}
