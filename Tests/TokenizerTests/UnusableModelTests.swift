import Foundation
import Testing
import Tokenizer

@Suite struct UnusableModelTests {
    private func problem(_ bytes: [UInt8]) -> TokenizerError? {
        #expect(throws: TokenizerError.self) {
            try GemmaTokenizer(modelBytes: bytes, place: "tokenizer.model")
        }
    }

    @Test("a missing file is named")
    func missingFile() {
        let error = #expect(throws: TokenizerError.self) {
            try GemmaTokenizer(modelPath: "/nowhere/tokenizer.model")
        }
        #expect(error?.kind == .unreadable)
        #expect(error?.description.hasPrefix("/nowhere/tokenizer.model: cannot be read (") == true)
        #expect(
            error?.fix == "check the path, or download the file from the text encoder's repository"
        )
    }

    @Test("an empty file is damaged")
    func emptyFile() {
        let message =
            "tokenizer.model: is empty, should be Gemma's tokenizer.model; download the file again"
        #expect(problem([])?.description == message)
    }

    @Test(
        "a file that is no model is damaged",
        arguments: ["version https://git-lfs\n", "{\"a\": 1}"]
    )
    func text(content: String) {
        let message =
            "tokenizer.model: is not a SentencePiece model or is cut off, "
            + "should be Gemma's tokenizer.model; download the file again"
        #expect(problem(Array(content.utf8))?.description == message)
    }

    @Test("a model that was cut off anywhere is damaged")
    func truncated() throws {
        let whole = try RecordedTokenizer.bytes("tokenizer/tokenizer.model")
        for count in stride(from: 1, to: whole.count - 200, by: 97) {
            #expect(problem(Array(whole.prefix(count)))?.kind == .damaged, "\(count) bytes")
        }
    }

    @Test("a model cut off between two pieces says that it ends too early")
    func truncatedBetweenPieces() throws {
        let whole = try RecordedTokenizer.bytes("tokenizer/tokenizer.model")
        // A piece is a tag, a length below 128, and its content.
        let end = (0..<20).reduce(0) { position, _ in position + 2 + Int(whole[position + 1]) }
        let message =
            "tokenizer.model: ends too early, should be Gemma's tokenizer.model; download the file again"
        #expect(problem(Array(whole.prefix(end)))?.description == message)
    }

    @Test("a model of another family is foreign")
    func foreign() throws {
        let error = problem(try RecordedTokenizer.bytes("tokenizer/foreign.model"))
        #expect(error?.kind == .foreign)
        let message =
            "tokenizer.model: is not byte-pair encoding with byte fallback, should be Gemma's: "
            + "byte pairs, blanks kept, <pad> <eos> <bos> <unk>; "
            + "use the tokenizer.model that belongs to the text encoder"
        #expect(error?.description == message)
    }

    @Test("other control pieces are foreign")
    func otherControlPieces() throws {
        var bytes = try RecordedTokenizer.bytes("tokenizer/tokenizer.model")
        let begin = try #require(Data(bytes).range(of: Data("<bos>".utf8)))
        bytes.replaceSubrange(begin, with: Array("<BOS>".utf8))
        let error = problem(bytes)
        #expect(error?.kind == .foreign)
        #expect(error?.problem.hasPrefix("begins with <pad> <eos> <BOS> <unk>") == true)
    }

    @Test("a limit that leaves no room for the begin token is refused")
    func noRoom() throws {
        let tokenizer = try GemmaTokenizer(modelPath: RecordedTokenizer.modelPath)
        let error = #expect(throws: TokenizerError.self) {
            try tokenizer.encode("A", maximumLength: 0)
        }
        #expect(error?.kind == .limit)
        let message =
            "\(RecordedTokenizer.modelPath): got a maximum length of 0, should be 1 or more; "
            + "use 1024, the length of LTX-2's text context"
        #expect(error?.description == message)
    }

    @Test("random damage never crashes")
    func damagedBytes() throws {
        let whole = try RecordedTokenizer.bytes("tokenizer/tokenizer.model")
        var generator = SplitMix(state: 7)
        for _ in 0..<200 {
            var bytes = whole
            for _ in 0..<8 {
                bytes[Int.random(in: 0..<bytes.count, using: &generator)] = UInt8.random(
                    in: 0...255,
                    using: &generator
                )
            }
            let ids = try? GemmaTokenizer(modelBytes: bytes).encode("A woman smiles.  雨")
            #expect(ids.map { $0.first == 2 } != false)
        }
    }
}

/// A small seeded generator, so that a failure can be repeated.
private struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
