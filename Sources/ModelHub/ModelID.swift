/// A model as the hub names it: `org/repo`, `org/repo@revision`, `org/repo/path/file.safetensors` or
/// `org/repo@revision/path/file.safetensors`.
struct ModelID: Equatable {
    let organization: String
    let name: String
    let revision: String
    /// The one file that is meant; `nil` for the repository.
    let file: String?

    var repository: String { "\(organization)/\(name)" }
    /// The repository's folder in the Hugging Face cache.
    var cacheFolder: String { "models--\(organization)--\(name)" }

    /// Reads an id.
    ///
    /// - Throws: `.invalidID`; `.pickle` or `.unsupportedFile` for a file that is never used.
    init(_ text: String) throws(ModelHubError) {
        let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count >= 2, parts.allSatisfy(FilePolicy.staysBelow) else {
            throw Self.invalid(text)
        }
        let marked = parts[1].split(separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
        let rest = parts.dropFirst(2).joined(separator: "/")
        organization = parts[0]
        name = String(marked[0])
        guard Self.isName(organization), Self.isName(name) else { throw Self.invalid(text) }
        let mark = marked.count > 1 ? String(marked[1]) : nil
        guard mark != "" else { throw Self.invalid(text) }
        if let mark, FilePolicy.refusal(of: rest)?.kind == .unsupportedFile {
            // A revision may hold slashes, such as refs/pr/7.
            revision = rest.isEmpty ? mark : "\(mark)/\(rest)"
            file = nil
            return
        }
        revision = mark ?? "main"
        file = rest.isEmpty ? nil : rest
        if let file, let refusal = FilePolicy.refusal(of: file) { throw refusal }
    }

    private static func isName(_ text: String) -> Bool {
        text.wholeMatch(of: /[A-Za-z0-9_][A-Za-z0-9._\-]*/) != nil && !text.contains("--")
            && !text.contains("..")
    }

    private static func invalid(_ text: String) -> ModelHubError {
        ModelHubError(
            .invalidID,
            at: text,
            "is neither a path that exists nor an id, should be a file, a folder, org/repo, "
                + "org/repo@revision or org/repo/path/file.safetensors",
            fix: "check the spelling"
        )
    }
}
