import Foundation

@testable import ClipCache

/// A folder of its own for a test; removed when the last reference goes.
final class ScratchFolder: Sendable {
    let path: String

    init() throws {
        path = (NSTemporaryDirectory() as NSString).appendingPathComponent("clips-\(UUID())")
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String) -> String { (path as NSString).appendingPathComponent(name) }
}

enum Samples {
    static func key(content: String = "c0ffee", start: Double = 0.5) -> CacheKey {
        CacheKey(
            stem: "clip_001",
            contentHash: content,
            start: start,
            seconds: 0.375,
            frameTimes: (0..<9).map { start + Double($0) / 24 },
            fps: 24,
            geometry: CacheGeometry(
                scaledWidth: 64,
                scaledHeight: 36,
                cropX: 0,
                cropY: 2,
                width: 64,
                height: 32
            ),
            encoderFingerprint: "vae-1"
        )
    }

    static func clip(_ status: AudioStatus = .present, scale: Float = 1) -> EncodedClip {
        EncodedClip(
            video: ramp([4, 2, 1, 2], scale: scale),
            firstFrame: ramp([4, 1, 1, 2], scale: -scale),
            audio: status == .present ? ramp([9, 4], scale: 0.1 * scale) : nil,
            audioStatus: status,
            fps: 24,
            pixelFrames: 9,
            width: 64,
            height: 32
        )
    }

    static func ramp(_ shape: [Int], scale: Float) -> FloatBuffer {
        let count = shape.reduce(1, *)
        return FloatBuffer(shape: shape, values: (0..<count).map { Float($0) * scale / 7 })
    }
}
