public import Media
import Torch

/// A decoded sample; its files may still be on their way.
public struct RenderedSample {
    /// The sound, as decoded.
    public internal(set) var sound: Waveform?
    /// The pictures, where they were asked to be kept.
    public internal(set) var frames: FrameBuffer?
    /// Where the time went.
    public internal(set) var seconds = RenderingSeconds()
    let writer: SampleWriter

    /// Waits until the files are on disk.
    ///
    /// - Returns: the files, the main one first.
    /// - Throws: `MediaError` if one could not be written.
    public mutating func settle() throws -> [String] {
        var paths: [String] = []
        seconds.waiting += try ContinuousClock().seconds {
            (paths, seconds.writing) = try writer.finish()
        }
        return paths
    }
}

/// Where the time of rendering went, in seconds.
public struct RenderingSeconds: Sendable, Equatable {
    /// Decoding the sound.
    public var sound = 0.0
    /// Decoding the pictures, and handing them on.
    public var pictures = 0.0
    /// Encoding and writing files, beside the decoding.
    public var writing = 0.0
    /// Waiting for the files.
    public var waiting = 0.0

    /// No time yet.
    public init() {}

    /// Adds the times of another sample.
    public static func += (total: inout RenderingSeconds, more: RenderingSeconds) {
        total.sound += more.sound
        total.pictures += more.pictures
        total.writing += more.writing
        total.waiting += more.waiting
    }
}

/// Latents to files: the sound first, then picture after picture, each written while the next is decoded.
public final class SampleRenderer {
    private let decoder: SampleDecoder

    /// A renderer over decoders.
    public init(_ decoder: SampleDecoder) { self.decoder = decoder }

    /// Decodes a sample and hands it to the writer of its files, which may be at work for longer.
    ///
    /// What was given is written as it was, not as the model's codecs give it back.
    ///
    /// - Parameters:
    ///   - latents: of the sample.
    ///   - given: what it began with or kept.
    ///   - target: the files.
    ///   - keepsFrames: whether the pictures stay in memory, to stand beside others.
    ///   - progress: told the number of pictures that are decoded; stops by throwing.
    /// - Returns: what is in the files, which are there when it is settled.
    /// - Throws: what decoding and writing throw.
    public func render(
        _ latents: SampleLatents,
        given: GivenLatents = GivenLatents(),
        to target: SampleTarget,
        keepsFrames: Bool = false,
        progress: (Int) throws -> Void = { _ in }
    ) throws -> RenderedSample {
        let clock = ContinuousClock()
        var sound: Waveform?
        let seconds = try clock.seconds {
            sound = try given.waveform ?? latents.audio.map(decoder.sound)
        }
        let writer = try writer(latents, sound, target)
        var rendered = RenderedSample(sound: sound, writer: writer)
        rendered.seconds.sound = seconds
        if let sound { try writer.append(sound: sound) }
        var kept = FrameCollector(keepsFrames)
        rendered.seconds.pictures = try clock.seconds {
            try pictures(latents, given) { frames in
                try writer.append(frames: frames)
                kept.append(frames)
                try progress(kept.count)
            }
        }
        try writer.close()
        rendered.frames = kept.frames
        return rendered
    }

    private func pictures(
        _ latents: SampleLatents,
        _ given: GivenLatents,
        _ onFrames: (FrameBuffer) throws -> Void
    ) throws {
        if let frames = given.frames { return try onFrames(frames) }
        guard let video = latents.video else { return }
        try decoder.pictures(of: video, seed: latents.request.seed, onFrames: onFrames)
    }

    private func writer(
        _ latents: SampleLatents,
        _ sound: Waveform?,
        _ target: SampleTarget
    ) throws -> SampleWriter {
        let request = latents.request
        return try SampleWriter(
            target,
            pictures: latents.video == nil
                ? nil
                : MoviePictures(
                    width: request.width,
                    height: request.height,
                    frameRate: request.fps
                ),
            sound: sound.map { MovieSound(sampleRate: $0.sampleRate, channels: $0.channelCount) }
        )
    }
}

/// Counts frames, and keeps them if asked to.
private struct FrameCollector {
    private let keeps: Bool
    private var bytes: [UInt8] = []
    private var size = (height: 0, width: 0)
    private(set) var count = 0

    init(_ keeps: Bool) { self.keeps = keeps }

    mutating func append(_ frames: FrameBuffer) {
        count += frames.frameCount
        guard keeps else { return }
        size = (frames.height, frames.width)
        bytes += frames.bytes
    }

    var frames: FrameBuffer? {
        guard keeps, count > 0 else { return nil }
        return FrameBuffer(
            frameCount: count,
            height: size.height,
            width: size.width,
            bytes: bytes
        )
    }
}

extension ContinuousClock {
    /// Seconds that `body` takes.
    func seconds(_ body: () throws -> Void) rethrows -> Double {
        try measure(body) / .seconds(1)
    }
}
