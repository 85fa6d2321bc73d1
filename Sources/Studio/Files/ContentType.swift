/// What a file is for a browser, by the ending of its name.
enum ContentType {
    /// Bytes that nothing is known of, which browsers save.
    static let unknown = "application/octet-stream"

    private static let types: [String: String] = [
        "html": "text/html; charset=utf-8", "css": "text/css; charset=utf-8",
        "js": "text/javascript; charset=utf-8", "json": "application/json; charset=utf-8",
        "svg": "image/svg+xml", "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg",
        "webp": "image/webp", "gif": "image/gif", "ico": "image/x-icon",
        "mp4": "video/mp4", "m4v": "video/mp4", "mov": "video/quicktime", "webm": "video/webm",
        "mkv": "video/x-matroska", "avi": "video/x-msvideo",
        "wav": "audio/wav", "mp3": "audio/mpeg", "flac": "audio/flac", "ogg": "audio/ogg",
        "m4a": "audio/mp4", "opus": "audio/ogg", "aac": "audio/aac",
        "txt": "text/plain; charset=utf-8", "log": "text/plain; charset=utf-8",
        "md": "text/plain; charset=utf-8", "yaml": "text/plain; charset=utf-8",
        "yml": "text/plain; charset=utf-8", "jsonl": "text/plain; charset=utf-8",
        "csv": "text/csv; charset=utf-8", "vtt": "text/vtt; charset=utf-8",
    ]

    static func of(_ path: String) -> String {
        types[ending(of: path)] ?? unknown
    }

    /// The same for what is not ours: scripts and styles are text, which our pages cannot be made to run.
    static func ofFile(_ path: String) -> String {
        ["js", "css"].contains(ending(of: path)) ? "text/plain; charset=utf-8" : of(path)
    }

    /// In small letters, without the dot.
    static func ending(of path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }
}
