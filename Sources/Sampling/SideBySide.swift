public import Media

/// Two samples of the same noise in one movie, one left and one right; so are their sounds.
public enum SideBySide {
    /// Writes the movie.
    ///
    /// - Parameters:
    ///   - left: with its frames kept.
    ///   - right: with its frames kept, of the same size.
    ///   - frameRate: pictures per second.
    ///   - path: an mp4 file.
    ///   - metadata: what the file says of itself.
    /// - Throws: `MediaError` if the file cannot be written.
    public static func write(
        _ left: RenderedSample,
        _ right: RenderedSample,
        frameRate: Double,
        to path: String,
        metadata: MovieMetadata
    ) throws {
        let frames = zip(left.frames, right.frames).map(joined)
        let sound = zip(left.sound, right.sound).map(joined)
        let writer = try MovieWriter(
            path: path,
            pictures: frames.map {
                MoviePictures(width: $0.width, height: $0.height, frameRate: frameRate)
            },
            sound: sound.map { MovieSound(sampleRate: $0.sampleRate, channels: 2) },
            metadata: metadata
        )
        if let sound { try writer.append(sound: sound) }
        if let frames { try writer.append(frames: frames) }
        try writer.finish()
    }

    /// Pictures next to each other, in pairs.
    static func joined(_ left: FrameBuffer, _ right: FrameBuffer) -> FrameBuffer {
        let count = min(left.frameCount, right.frameCount)
        let height = min(left.height, right.height)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * height * (left.width + right.width) * 3)
        for frame in 0..<count {
            for row in 0..<height {
                for side in [left, right] {
                    let start = (frame * side.height + row) * side.width * 3
                    bytes += side.bytes[start..<start + side.width * 3]
                }
            }
        }
        return FrameBuffer(
            frameCount: count,
            height: height,
            width: left.width + right.width,
            bytes: bytes
        )
    }

    /// One sound in each ear.
    static func joined(_ left: Waveform, _ right: Waveform) -> Waveform {
        let channels = [left, right].map(mono)
        let count = channels.map(\.count).min() ?? 0
        return Waveform(
            sampleRate: left.sampleRate,
            samples: channels.map { Array($0.prefix(count)) }
        )
    }

    private static func mono(_ sound: Waveform) -> [Float] {
        let count = sound.samples.first?.count ?? 0
        return (0..<count).map { index in
            sound.samples.reduce(0) { $0 + $1[index] } / Float(max(sound.channelCount, 1))
        }
    }
}

private func zip<A, B>(_ first: A?, _ second: B?) -> (A, B)? {
    guard let first, let second else { return nil }
    return (first, second)
}
