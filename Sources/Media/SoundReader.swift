internal import CFFmpeg

/// Decodes a stretch of a clip's sound into stereo on the file's own sample grid.
final class SoundReader {
    private let source: FrameSource
    private let path: String
    /// The file's time that is zero for the callers.
    private let origin: Double
    /// Position where the next piece belongs if no sound is missing.
    private var nextPosition: Int?
    private var hasSeeked = false

    /// Timestamps of some containers are rounded to a millisecond; sound is moved only for more.
    private static let jitter = 0.005
    /// Decoding begins at the very start for windows up to here, where counting samples is more
    /// exact than rounded timestamps; further on it begins this much before the window.
    private static let seekLimit = 30.0
    private static let preroll = 1.0

    init(_ clip: ProbedClip) throws(MediaError) {
        path = clip.info.path
        let file = try MediaFile(path: path)
        guard let stream = file.audioStream else { throw Self.vanished(path) }
        source = try FrameSource(file, stream, threads: 1)
        origin = clip.origin
    }

    /// Decodes the sound from `start` to `end`, in seconds of the file's clock, with `margin`
    /// samples before and after, given for each rate.
    ///
    /// - Returns: nil if the stream is over before the window.
    /// - Throws: `undecodable` for damage in the window, or if nothing at all can be decoded.
    func read(
        from start: Double,
        to end: Double,
        margin: (_ sampleRate: Int) -> Int
    ) throws(MediaError) -> SoundTrack? {
        seek(to: start)
        var track: SoundTrack?
        while true {
            switch try source.next() {
            case .frame:
                let rate = try frameRate(expected: track?.sampleRate)
                var target = track ?? Self.emptyTrack(start, end, rate, margin(rate))
                let position = place(rate)
                if position >= target.end { return target }
                try put(position, into: &target)
                track = target
            case .damage(let seconds, let status):
                try judge(seconds, status, start..<end)
            case .end:
                // Behind the end of the stream there is nothing to decode; from its start there is.
                guard nextPosition != nil || hasSeeked else { throw nothingDecoded() }
                return track
            }
        }
    }

    private static func emptyTrack(
        _ start: Double,
        _ end: Double,
        _ rate: Int,
        _ margin: Int
    ) -> SoundTrack {
        let first = Int((start * Double(rate)).rounded())
        let count = Int(((end - start) * Double(rate)).rounded(.up))
        return SoundTrack(sampleRate: rate, start: first - margin, count: count + 2 * margin)
    }

    private func seek(to start: Double) {
        let first = source.stream.pointer.pointee.start_time
        let begin = first == cffmpeg_no_timestamp ? 0 : Double(first) * source.stream.tick
        guard start - begin > Self.seekLimit else { return }
        // Where a seek fails, the cursor stays at the start: slower, and as exact.
        hasSeeked = source.file.seek(
            source.stream,
            to: Int64((start - Self.preroll) / source.stream.tick)
        )
    }

    /// The rate of the frame that was just decoded, which must not change within a window.
    private func frameRate(expected: Int?) throws(MediaError) -> Int {
        let rate = Int(source.frame.pointer.pointee.sample_rate)
        guard rate > 0, rate == expected ?? rate else {
            throw MediaError(
                kind: .unsupported,
                file: path,
                seconds: lastTime,
                problem: "the sample rate changes from \(expected ?? 0) to \(rate) Hz",
                fix: "convert the file to one sample rate"
            )
        }
        return rate
    }

    /// Position of the decoded piece: behind the last one, unless its timestamp says otherwise.
    private func place(_ rate: Int) -> Int {
        guard let ticks = source.frame.timestamp else { return nextPosition ?? 0 }
        let stamped = Int((Double(ticks) * source.stream.tick * Double(rate)).rounded())
        guard let expected = nextPosition else { return stamped }
        return Double(abs(stamped - expected)) <= Self.jitter * Double(rate) ? expected : stamped
    }

    private func put(_ position: Int, into track: inout SoundTrack) throws(MediaError) {
        nextPosition = position + source.frame.sampleCount
        guard position + source.frame.sampleCount > track.start else { return }
        guard let channels = source.frame.channels(), !channels.isEmpty else {
            throw MediaError(
                kind: .unsupported,
                file: path,
                seconds: lastTime,
                problem: "the sound has a sample format that is not known",
                fix: "convert the sound to AAC or 16-bit PCM"
            )
        }
        track.put(ChannelMix(source.frame)(channels), at: position)
    }

    private var lastTime: Double? {
        source.frame.timestamp.map { Double($0) * source.stream.tick - origin }
    }

    /// Damage counts from the window's start on; without a time it counts always.
    private func judge(
        _ seconds: Double?,
        _ status: Int32,
        _ window: Range<Double>
    ) throws(MediaError) {
        let time = seconds ?? window.lowerBound
        let longestPacket = 0.1
        guard time + longestPacket > window.lowerBound, time < window.upperBound else { return }
        throw MediaError(
            kind: .undecodable,
            file: path,
            seconds: max(0, time - origin),
            problem: "the sound is damaged (\(ffmpegMessage(status)))",
            fix: Self.repair
        )
    }

    private func nothingDecoded() -> MediaError {
        MediaError(
            kind: .undecodable,
            file: path,
            problem: "there is a sound stream, but no sound could be decoded from it",
            fix: Self.repair
        )
    }

    private static let repair =
        "export the clip again; to train without its sound, remove the stream "
        + "(ffmpeg -i IN -c copy -an OUT)"

    private static func vanished(_ path: String) -> MediaError {
        MediaError(
            kind: .undecodable,
            file: path,
            problem: "the sound stream is no longer there",
            fix: "do not change clips while they are read"
        )
    }
}
