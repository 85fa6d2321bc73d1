/// Which files may be fetched or handed on at all.
enum FilePolicy {
    private static let pickles = ["pt", "pth", "ckpt", "bin", "pkl", "pickle"]
    private static let accepted = ["safetensors", "json", "txt"]

    /// Why a file is refused; `nil` if it may be used.
    static func refusal(of path: String) -> ModelHubError? {
        let name = path.split(separator: "/").last.map(String.init) ?? ""
        let ending = name.split(separator: ".").dropFirst().last.map { $0.lowercased() } ?? ""
        if accepted.contains(ending) || name == "tokenizer.model" { return nil }
        if pickles.contains(ending) {
            return ModelHubError(
                .pickle,
                at: path,
                "is a pickle, which can run any code when loaded, should be safetensors",
                fix: "name the .safetensors file of the same model"
            )
        }
        return ModelHubError(
            .unsupportedFile,
            at: path,
            "is no kind of file that is used here, should end in .safetensors",
            fix: "name the .safetensors file of the model"
        )
    }

    /// Whether a path stays below the folder that it is joined to.
    static func staysBelow(_ path: String) -> Bool {
        !path.isEmpty
            && path.split(separator: "/", omittingEmptySubsequences: false).allSatisfy { part in
                !part.isEmpty && part != "." && part != ".." && !part.utf8.contains { $0 < 0x20 }
            }
    }
}
