/// Recognises what people most often have instead of a safetensors file.
enum ForeignFile {
    /// Names the kind of a file whose first bytes are no header length; `nil` if it is unknown.
    static func error(_ bytes: UnsafeRawBufferPointer, file: String) -> SafetensorsError? {
        let start = bytes.prefix(64)
        if start.starts(with: "PK\u{3}\u{4}".utf8) || start.starts(with: [0x80, 0x02]) {
            return SafetensorsError(
                .malformed,
                at: file,
                "is a PyTorch pickle, which can run any code when loaded, should be safetensors",
                fix: "get the .safetensors file of the same model"
            )
        }
        if start.starts(with: "version https://git-lfs".utf8) {
            return SafetensorsError(
                .malformed,
                at: file,
                "is a Git LFS pointer, should be the file it points to",
                fix: "run git lfs pull in its folder, or download the file"
            )
        }
        if start.starts(with: "GGUF".utf8) {
            return SafetensorsError(
                .malformed,
                at: file,
                "is a GGUF file, should be safetensors",
                fix: "get the .safetensors file of the same model"
            )
        }
        guard start.first == UInt8(ascii: "<") else { return nil }
        return SafetensorsError(
            .malformed,
            at: file,
            "looks like a web page, should be safetensors",
            fix: "download the file itself, not the page about it"
        )
    }
}
