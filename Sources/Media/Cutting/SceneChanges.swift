/// Finds hard cuts between scenes: pictures that have little to do with the one before.
///
/// Pictures are compared at 32 by 18 pixels, by the mean difference of their bytes. A change of scene differs
/// by at least 15 and by at least three times the mean of the two differences before and the two behind, so
/// that fast movement is none. That rule and its numbers are PySceneDetect's `AdaptiveDetector`
/// (`adaptive_threshold` 3, `min_content_val` 15, `window_width` 2), on RGB in place of hue, saturation and
/// brightness. A flash is none: within three pictures the old scene must not be back. Fades and dissolves are
/// not found.
public enum SceneChanges {
    static let ratio = 3.0
    static let smallest = 15.0
    static let reach = 2
    static let flash = 3
    private static let (width, height) = (32, 18)

    /// The pictures that begin a scene, without the first one.
    ///
    /// - Returns: numbers of pictures in the order of presentation.
    /// - Throws: `MediaError` if a picture is damaged, `noVideo` without pictures.
    public static func find(in reader: ClipReader) throws -> [Int] {
        var pictures: [[UInt8]] = []  // [T][H · W · 3]
        let geometry = FrameGeometry(
            scaledWidth: width,
            scaledHeight: height,
            cropX: 0,
            cropY: 0,
            cropWidth: width,
            cropHeight: height
        )
        guard let count = reader.info.video?.frameCount else {
            throw MediaError.noVideo(reader.info.path)
        }
        try reader.forEachStretch(of: Array(0..<count), geometry: geometry) { frames in
            let size = width * height * 3
            for index in 0..<frames.frameCount {
                pictures.append(Array(frames.bytes[index * size..<(index + 1) * size]))
            }
        }
        return find(in: pictures)
    }

    /// The same for small pictures of equal size.
    static func find(in pictures: [[UInt8]]) -> [Int] {
        guard pictures.count > 1 else { return [] }
        let changes = zip(pictures, pictures.dropFirst()).map(difference)  // [T - 1]
        return changes.indices.filter { index in
            guard changes[index] >= smallest else { return false }
            let near = (index - reach...index + reach).filter {
                $0 != index && changes.indices.contains($0)
            }
            let mean = near.reduce(0) { $0 + changes[$1] } / Double(max(1, near.count))
            return changes[index] >= ratio * max(mean, 1) && !isFlash(pictures, at: index + 1)
        }.map { $0 + 1 }
    }

    /// Whether a picture just behind a change looks like one just before it.
    private static func isFlash(_ pictures: [[UInt8]], at change: Int) -> Bool {
        let before = max(0, change - flash)..<change
        let behind = change..<min(pictures.count, change + flash)
        return before.contains { earlier in
            behind.contains { later in
                later - earlier > 1 && difference(pictures[earlier], pictures[later]) < smallest
            }
        }
    }

    private static func difference(_ one: [UInt8], _ other: [UInt8]) -> Double {
        var sum = 0
        for index in one.indices { sum += abs(Int(one[index]) - Int(other[index])) }
        return Double(sum) / Double(one.count)
    }
}
