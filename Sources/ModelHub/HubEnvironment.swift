import Foundation

/// What the environment says about the hub, in the variables of huggingface_hub and ai-toolkit.
struct HubEnvironment: Sendable {
    /// Address of the hub without a slash at its end, from `HF_ENDPOINT`.
    let endpoint: String
    /// From `HF_HUB_CACHE`, else `HF_HOME/hub`, else `~/.cache/huggingface/hub`.
    let cache: String
    /// From `MODELS_PATH`; `nil` if it is not set.
    let modelsPath: String?
    /// From `HF_HUB_OFFLINE`: the hub may not be asked.
    let isOffline: Bool
    /// From `HF_TOKEN`, else the file that `hf auth login` writes.
    let token: String?
    let home: String

    init(_ variables: [String: String]) {
        func value(_ names: String...) -> String? {
            names.lazy.compactMap { variables[$0]?.trimmingCharacters(in: .whitespacesAndNewlines) }
                .first { !$0.isEmpty }
        }
        let home = value("HOME") ?? NSHomeDirectory()
        func path(_ text: String?) -> String? {
            text.map { $0 == "~" || $0.hasPrefix("~/") ? home + $0.dropFirst() : $0 }
        }
        let cacheHome = path(value("XDG_CACHE_HOME")) ?? "\(home)/.cache"
        let hubHome = path(value("HF_HOME")) ?? "\(cacheHome)/huggingface"
        self.home = home
        cache = path(value("HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE")) ?? "\(hubHome)/hub"
        modelsPath = path(value("MODELS_PATH"))
        let endpoint = value("HF_ENDPOINT") ?? "https://huggingface.co"
        self.endpoint = endpoint.hasSuffix("/") ? String(endpoint.dropLast()) : endpoint
        let offline = value("HF_HUB_OFFLINE")?.uppercased()
        isOffline = ["1", "ON", "YES", "TRUE"].contains(offline)
        let tokenFile = path(value("HF_TOKEN_PATH")) ?? "\(hubHome)/token"
        token = value("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN") ?? Self.savedToken(tokenFile)
    }

    /// Most people have no such file; then the hub is asked without a token.
    private static func savedToken(_ path: String) -> String? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        let text = String(decoding: data, as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
        return text.isEmpty ? nil : text
    }
}
