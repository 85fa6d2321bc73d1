import Crypto
import Foundation

/// Turns a prompt into the token ids that Gemma, the text encoder of LTX-2, was trained with.
///
/// The ids are those of transformers' `GemmaTokenizer`, also where libsentencepiece itself gives
/// others. Ids have their real length; padding is up to the text encoder.
///
/// - Source: transformers 5.23, `tokenization_gemma.py`; the recorded ids of the test fixtures.
public final class GemmaTokenizer: Sendable {
    /// Length of LTX-2's text context, begin token included.
    public static let maximumLength = 1024

    /// The token in front of every prompt.
    public static let begin: Int32 = 2

    /// SHA-256 of the model, in hexadecimal: two tokenizers with one fingerprint give equal ids.
    public let fingerprint: String

    /// Number of pieces; ids lie below it.
    public let vocabularySize: Int

    private let place: String
    private let processor: SentencePieceProcessor
    private let splitter: PromptSplitter

    /// Loads a `tokenizer.model` file.
    ///
    /// - Parameter modelPath: the file, as published with Gemma 3.
    /// - Throws: `.unreadable`, or what ``init(modelBytes:place:)`` throws.
    public convenience init(modelPath: String) throws(TokenizerError) {
        let bytes: [UInt8]
        do {
            bytes = Array(try Data(contentsOf: URL(fileURLWithPath: modelPath)))
        } catch {
            let reason = (error as NSError).localizedDescription
            throw TokenizerError(
                kind: .unreadable,
                place: modelPath,
                problem: "cannot be read (\(reason)), should be Gemma's tokenizer.model",
                fix: "check the path, or download the file from the text encoder's repository"
            )
        }
        try self.init(modelBytes: bytes, place: modelPath)
    }

    /// Loads the content of a `tokenizer.model`, such as the tensor `spiece_model` of a text
    /// encoder's file.
    ///
    /// - Parameters:
    ///   - modelBytes: a serialised SentencePiece model.
    ///   - place: where the bytes come from, for error messages.
    /// - Throws: `.damaged` for an incomplete model, `.foreign` for one that is not Gemma's kind,
    ///   `.library` if libsentencepiece refuses it.
    public init(
        modelBytes: [UInt8],
        place: String = "tokenizer model"
    ) throws(TokenizerError) {
        let model = try ModelCheck(place: place).parse(modelBytes)
        do {
            processor = try SentencePieceProcessor(model: modelBytes)
        } catch {
            throw TokenizerError(
                kind: .library,
                place: place,
                problem:
                    "libsentencepiece cannot load it (\(error.reason)), should be a model file",
                fix: "download the file again"
            )
        }
        self.place = place
        splitter = PromptSplitter(model)
        vocabularySize = model.pieces.count
        fingerprint = SHA256.hash(data: modelBytes).map { String(format: "%02x", $0) }.joined()
    }

    /// Ids of a prompt: the begin token, then the prompt without blanks around it; no end token.
    ///
    /// - Parameters:
    ///   - text: the prompt; control tokens that it spells out, such as `<eos>`, become their ids.
    ///   - maximumLength: most ids, the begin token included; what is longer loses its end.
    /// - Returns: 1...`maximumLength` ids; an empty prompt gives the begin token alone.
    /// - Throws: `.limit` if `maximumLength` is below 1, `.library` if encoding fails.
    public func encode(
        _ text: String,
        maximumLength: Int = GemmaTokenizer.maximumLength
    ) throws(TokenizerError) -> [Int32] {
        guard maximumLength >= 1 else { throw tooShort(maximumLength) }
        let prompt = Array(text.strippedLikePython.utf8)
        var ids = [Self.begin]
        for part in splitter.parts(of: prompt) where ids.count < maximumLength {
            switch part {
            case .ids(let literal): ids += literal
            case .text(let range): ids += try plain(prompt[range])
            }
        }
        return Array(ids.prefix(maximumLength))
    }

    private func plain(_ text: ArraySlice<UInt8>) throws(TokenizerError) -> [Int32] {
        do {
            return try processor.encode(text)
        } catch {
            throw TokenizerError(
                kind: .library,
                place: place,
                problem: "a prompt cannot be encoded (\(error.reason))",
                fix: "remove unusual characters from the caption"
            )
        }
    }

    private func tooShort(_ maximumLength: Int) -> TokenizerError {
        TokenizerError(
            kind: .limit,
            place: place,
            problem: "got a maximum length of \(maximumLength), should be 1 or more",
            fix: "use \(Self.maximumLength), the length of LTX-2's text context"
        )
    }
}

extension String {
    /// Without blanks at both ends, as Python's `str.strip` understands them.
    var strippedLikePython: Substring {
        let isBlank = { (scalar: Unicode.Scalar) in
            scalar.properties.isWhitespace || (0x1C...0x1F).contains(scalar.value)
        }
        let scalars = Substring(self).unicodeScalars.drop(while: isBlank)
        guard let last = scalars.lastIndex(where: { !isBlank($0) }) else { return "" }
        return Substring(scalars[...last])
    }
}
