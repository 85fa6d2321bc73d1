import Foundation

@testable import ClipData

/// A folder of its own for a test; removed when the last reference goes.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        path = (NSTemporaryDirectory() as NSString).appendingPathComponent("clips-\(UUID())")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { (path as NSString).appendingPathComponent(name) }

    /// Writes a text file, and the folders above it.
    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let path = file(name)
        try FileManager.default.createDirectory(
            atPath: (path as NSString).deletingLastPathComponent,
            withIntermediateDirectories: true
        )
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return path
    }
}

/// Clips for planning, which never looks into a file.
enum TestClips {
    static func clip(_ name: String, _ facts: ClipFacts, caption: String = "a man") -> Clip {
        Clip(
            path: "/clips/\(name)",
            name: name,
            contentHash: ContentHash.of(text: name),
            facts: facts,
            caption: Caption(raw: caption)
        )
    }

    static func video(
        seconds: Double = 3.375,
        width: Int = 1920,
        height: Int = 1080,
        hasSound: Bool = true
    ) -> ClipFacts {
        ClipFacts(
            width: width,
            height: height,
            frameCount: Int(seconds * 24),
            frameRate: 24,
            hasSound: hasSound
        )
    }

    static let image = ClipFacts(
        width: 640,
        height: 480,
        frameCount: 1,
        frameRate: 0,
        isImage: true,
        hasSound: false
    )

    /// The set of the recommended run file.
    static func rules(_ path: String = "/clips") -> DatasetRules {
        var rules = DatasetRules(path: path)
        rules.windows = WindowRules(frameCount: 81, rate: 24)
        rules.wantsSound = true
        return rules
    }
}
