import Foundation
import Testing
import Tokenizer

@Suite struct RecordedIDsTests {
    private let tokenizer: GemmaTokenizer

    init() throws { tokenizer = try GemmaTokenizer(modelPath: RecordedTokenizer.modelPath) }

    @Test("every recorded prompt gets the ids that transformers gives")
    func transformersIDs() throws {
        let entries = try RecordedTokenizer.entries()
        #expect(entries.count > 60)
        for entry in entries {
            let ids = try tokenizer.encode(entry.prompt)
            #expect(ids == entry.transformers, "\(entry.testDescription)")
        }
    }

    @Test("the fixtures contain prompts on which sentencepiece alone would be wrong")
    func librariesDiffer() throws {
        let differing = try RecordedTokenizer.entries().filter { $0.sentencepiece != nil }
        #expect(differing.count >= 4)
    }

    @Test("an empty prompt is the begin token alone")
    func emptyPrompt() throws {
        #expect(try tokenizer.encode("") == [2])
        #expect(try tokenizer.encode(" \n\t ") == [2])
    }

    @Test("the begin token stands first and once, and no end token follows")
    func beginAndEnd() throws {
        let ids = try tokenizer.encode("A woman smiles.")
        #expect(ids.first == GemmaTokenizer.begin)
        #expect(ids.dropFirst().allSatisfy { $0 > 3 })
    }

    @Test("a long prompt is cut to the limit, which counts the begin token", arguments: [1, 2, 7])
    func truncation(limit: Int) throws {
        let prompt = "A woman smiles and turns her head to the left."
        let whole = try tokenizer.encode(prompt)
        let short = try tokenizer.encode(prompt, maximumLength: limit)
        #expect(short == Array(whole.prefix(limit)))
        #expect(short.count == limit)
        #expect(try tokenizer.encode(String(repeating: prompt, count: 300)).count == 1024)
    }

    @Test("all ids lie inside the vocabulary")
    func vocabulary() throws {
        #expect(tokenizer.vocabularySize == 1024)
        let ids = try RecordedTokenizer.entries().flatMap { try tokenizer.encode($0.prompt) }
        #expect(ids.allSatisfy { (0..<1024).contains($0) })
    }

    @Test("the fingerprint is the SHA-256 of the model's bytes")
    func fingerprint() throws {
        let recorded = try RecordedTokenizer.bytes("tokenizer/tokenizer.model.sha256")
        let line = String(decoding: recorded, as: UTF8.self)
        #expect(tokenizer.fingerprint == line.trimmingCharacters(in: .newlines))
    }

    @Test("one tokenizer serves many tasks at once")
    func concurrency() async throws {
        let entries = try RecordedTokenizer.entries()
        let tokenizer = tokenizer
        let equal = try await withThrowingTaskGroup(of: Bool.self) { group in
            for entry in entries + entries.reversed() {
                group.addTask { try tokenizer.encode(entry.prompt) == entry.transformers }
            }
            return try await group.allSatisfy { $0 }
        }
        #expect(equal)
    }

    @Test("the model inside a text encoder's file gives the same tokenizer")
    func insideSafetensors() throws {
        let file = try RecordedTokenizer.bytes("gemma3_single.safetensors")
        let length = file.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        let header = try JSONSerialization.jsonObject(with: Data(file[8..<(8 + length)]))
        let tensor = (header as? [String: Any])?["spiece_model"] as? [String: Any]
        let offsets = try #require(tensor?["data_offsets"] as? [Int])
        let bytes = Array(file[(8 + length + offsets[0])..<(8 + length + offsets[1])])
        let inside = try GemmaTokenizer(modelBytes: bytes, place: "spiece_model")
        #expect(inside.fingerprint == tokenizer.fingerprint)
        #expect(try inside.encode("A woman smiles.") == tokenizer.encode("A woman smiles."))
    }
}
