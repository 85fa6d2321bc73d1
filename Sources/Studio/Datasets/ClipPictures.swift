import Foundation
import Media
import SoundAnalysis

/// Small pictures of a clip: what it shows, and what it sounds like.
enum ClipPictures {
    /// Longest side of a thumbnail.
    static let side = 320
    /// Stretches of time of a waveform, and seconds that are looked at.
    static let columns = 300
    static let mostSeconds = 120.0

    /// A picture from a third of the way through, as JPEG.
    ///
    /// - Throws: `MediaError` for what cannot be decoded.
    static func thumbnail(_ path: String) throws(MediaError) -> [UInt8] {
        let reader = try ClipReader(path: path)
        guard let video = reader.info.video else { throw .noPicture(path) }
        let factor = Double(side) / Double(max(video.width, video.height, 1))
        let width = max(2, Int(Double(video.width) * factor) & ~1)
        let height = max(2, Int(Double(video.height) * factor) & ~1)
        let geometry = FrameGeometry(
            scaledWidth: width,
            scaledHeight: height,
            cropX: 0,
            cropY: 0,
            cropWidth: width,
            cropHeight: height
        )
        let frames = try reader.frames(indices: [video.frameCount / 3], geometry: geometry)
        return try PictureEncoder.encode(frames, as: .jpeg(quality: 80))
    }

    /// Lowest and highest samples over time, as SVG; a flat line without sound.
    ///
    /// - Throws: `MediaError` for sound that cannot be decoded.
    static func waveform(_ path: String) throws(MediaError) -> String {
        let reader = try ClipReader(path: path)
        let seconds = min(max(reader.info.duration, 0.1), mostSeconds)
        let sound = try reader.sound(from: 0, duration: seconds)
        let ranges: [ClosedRange<Float>] =
            switch sound {
            case .sound(let waveform), .silent(let waveform):
                SoundAnalysis.envelope(waveform, count: columns)
            case .absent: Array(repeating: 0...0, count: columns)
            }
        let upper = ranges.indices.map { "\(2 * $0),\(place(ranges[$0].upperBound))" }
        let lower = ranges.indices.reversed().map { "\(2 * $0),\(place(ranges[$0].lowerBound))" }
        let points = (upper + lower).joined(separator: " ")
        return """
            <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 600 60" preserveAspectRatio="none">\
            <polygon points="\(points)" fill="#6b8fd6" stroke="#6b8fd6"/></svg>
            """
    }

    private static func place(_ sample: Float) -> String {
        let y = 30 - 29 * Double(max(-1, min(1, sample)))
        return String((y * 10).rounded() / 10)
    }
}

extension MediaError {
    /// A sound has no thumbnail.
    fileprivate static func noPicture(_ path: String) -> MediaError {
        MediaError(kind: .noVideo, file: path, problem: "has no picture", fix: "play it instead")
    }
}
