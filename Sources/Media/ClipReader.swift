/// Decodes pictures and sound of one clip on one clock, whose zero is the first shown picture.
///
/// Holds no file open between calls; each call opens the file, seeks once and decodes forward.
public struct ClipReader: Sendable {
    /// What the file holds.
    public let info: MediaInfo
    let clip: ProbedClip

    /// Reads all packets of the file once (as `MediaProbe.probe`), decoding none.
    ///
    /// - Throws: as `MediaProbe.probe`. A sound file opens too; its clock begins with its sound.
    public init(path: String) throws(MediaError) {
        clip = try ProbedClip(path)
        info = clip.info
    }

    /// Decodes the pictures that are on screen at some times, in the order of the times.
    ///
    /// A time less than half a picture before the next picture means that one. A still picture is
    /// on screen at every time.
    ///
    /// - Parameters:
    ///   - times: seconds after the first picture; any order, repeats allowed.
    ///   - geometry: how a shown picture is scaled, cropped and flipped.
    /// - Returns: sRGB bytes `[T, H, W, 3]`; PQ and HLG are left as they are.
    /// - Throws: `noVideo`; `invalidRequest` for a bad geometry; `tooShort` for a time that is not
    ///   in the clip; `undecodable` if a picture, or one that it builds on, is damaged.
    public func frames(
        at times: [Double],
        geometry: FrameGeometry
    ) throws(MediaError) -> FrameBuffer {
        var indices: [Int] = []
        for time in times {
            guard let index = info.isImage ? 0 : clip.timeline.index(at: time) else {
                throw info.video == nil ? .noVideo(info.path) : outside(time)
            }
            indices.append(index)
        }
        return try frames(indices: indices, geometry: geometry)
    }

    /// Decodes pictures by their number in the order of presentation.
    ///
    /// - Parameters:
    ///   - indices: 0 is the first shown picture; any order, repeats allowed.
    ///   - geometry: how a shown picture is scaled, cropped and flipped.
    /// - Returns: sRGB bytes `[T, H, W, 3]`.
    /// - Throws: as `frames(at:geometry:)`.
    public func frames(
        indices: [Int],
        geometry: FrameGeometry
    ) throws(MediaError) -> FrameBuffer {
        guard let video = info.video else { throw .noVideo(info.path) }
        try geometry.check(for: info.path)
        if let bad = indices.first(where: { !(0..<video.frameCount).contains($0) }) {
            throw MediaError(
                kind: .tooShort,
                file: info.path,
                problem: "picture \(bad) was asked for and the clip has \(video.frameCount), "
                    + "counted from 0",
                fix: "choose a shorter window or leave the clip out"
            )
        }
        let bytes =
            info.isImage
            ? try still(copies: indices.count, geometry)
            : try PictureReader(clip, geometry: geometry).read(indices)
        return FrameBuffer(
            frameCount: indices.count,
            height: geometry.cropHeight,
            width: geometry.cropWidth,
            bytes: bytes
        )
    }

    /// Decodes a window of the sound, as stereo.
    ///
    /// Time 0 is the first shown picture, so start times, edit lists and the encoder's priming are
    /// accounted for. More than two channels are mixed: the front pair, plus centre, back and side
    /// at -3 dB, without the low-frequency channel; other layouts give their mean to both sides.
    ///
    /// - Parameters:
    ///   - start: seconds after the first picture.
    ///   - duration: seconds.
    ///   - sampleRate: of the result, in Hz.
    /// - Returns: exactly `round(duration · sampleRate)` samples per channel, zeros where the
    ///   stream has not begun or is over.
    /// - Throws: `undecodable` if sound in the window is damaged, `unsupported` without a decoder,
    ///   `invalidRequest` for a window that makes no sense.
    public func sound(
        from start: Double,
        duration: Double,
        sampleRate: Int = 16000
    ) throws(MediaError) -> ClipSound {
        let day = 86400.0
        guard abs(start) <= day, duration > 0, duration <= day,
            (1000...384_000).contains(sampleRate)
        else { throw badWindow(start, duration, sampleRate) }
        guard info.audio != nil else { return .absent }
        let begin = clip.origin + start
        let track = try SoundReader(clip).read(from: begin, to: begin + duration) { rate in
            Resampler(inputRate: rate, outputRate: sampleRate).margin.input
        }
        let count = Int((duration * Double(sampleRate)).rounded())
        let samples =
            try track.map { track throws(MediaError) in
                try Resampler(inputRate: track.sampleRate, outputRate: sampleRate)(
                    track.samples,
                    count: count,
                    path: info.path
                )
            } ?? Array(repeating: [Float](repeating: 0, count: count), count: 2)
        let waveform = Waveform(sampleRate: sampleRate, samples: samples)
        return waveform.isSilent ? .silent(waveform) : .sound(waveform)
    }

    private func still(copies: Int, _ geometry: FrameGeometry) throws(MediaError) -> [UInt8] {
        guard let format = try StillPicture.format(of: info.path) else {
            throw MediaError(
                kind: .undecodable,
                file: info.path,
                problem: "the file is no longer a picture",
                fix: "do not change clips while they are read"
            )
        }
        let picture = try StillPicture(path: info.path, format: format)
        let scaler = try PictureScaler(geometry, picture.orientation, path: info.path)
        var bytes = [UInt8](repeating: 0, count: copies * scaler.pictureBytes)
        for copy in 0..<copies {
            try scaler.write(
                picture.frame,
                isStill: true,
                into: &bytes,
                at: copy * scaler.pictureBytes
            )
        }
        return bytes
    }

    private func outside(_ time: Double) -> MediaError {
        MediaError(
            kind: .tooShort,
            file: info.path,
            seconds: time,
            problem: "no picture is there; the clip lasts from 0 to "
                + "\(MediaError.readable(info.duration)) s",
            fix: "choose a shorter window or leave the clip out"
        )
    }

    private func badWindow(_ start: Double, _ duration: Double, _ sampleRate: Int) -> MediaError {
        MediaError(
            kind: .invalidRequest,
            file: info.path,
            problem: "sound of \(MediaError.readable(duration)) s from "
                + "\(MediaError.readable(start)) s at \(sampleRate) Hz was asked for",
            fix: "ask for more than 0 and at most 86400 s, at 1000 to 384000 Hz"
        )
    }
}
