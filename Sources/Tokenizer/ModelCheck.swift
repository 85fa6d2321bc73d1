/// Tells a usable Gemma model from damaged and foreign ones, before a wrong id reaches training.
struct ModelCheck {
    let place: String

    func parse(_ bytes: [UInt8]) throws(TokenizerError) -> SentencePieceModel {
        let model = try read(bytes)
        guard model.isComplete else { throw damaged("ends too early") }
        guard model.isPairEncoding, model.hasByteFallback else {
            throw foreign("is not byte-pair encoding with byte fallback")
        }
        guard !model.addsDummyPrefix, !model.removesExtraBlanks else {
            throw foreign("changes the blanks of a prompt")
        }
        let control = model.pieces.prefix(4).map { String(decoding: $0.text, as: UTF8.self) }
        guard control == ["<pad>", "<eos>", "<bos>", "<unk>"] else {
            throw foreign("begins with \(control.joined(separator: " "))")
        }
        return model
    }

    private func read(_ bytes: [UInt8]) throws(TokenizerError) -> SentencePieceModel {
        guard !bytes.isEmpty else { throw damaged("is empty") }
        do {
            return try SentencePieceModel(bytes)
        } catch {
            throw damaged("is not a SentencePiece model or is cut off")
        }
    }

    private func damaged(_ problem: String) -> TokenizerError {
        TokenizerError(
            kind: .damaged,
            place: place,
            problem: "\(problem), should be Gemma's tokenizer.model",
            fix: "download the file again"
        )
    }

    private func foreign(_ problem: String) -> TokenizerError {
        TokenizerError(
            kind: .foreign,
            place: place,
            problem:
                "\(problem), should be Gemma's: byte pairs, blanks kept, <pad> <eos> <bos> <unk>",
            fix: "use the tokenizer.model that belongs to the text encoder"
        )
    }
}
