public import Media
import Torch

/// What a finished sample has come to.
public struct RenderedSample: Sendable {
    /// The files, the main one first.
    public var paths: [String]
    /// The sound, as decoded.
    public var sound: Waveform?
    /// The pictures, where they were asked to be kept.
    public var frames: FrameBuffer?
    /// Where the time went.
    public var seconds = RenderingSeconds()

    /// A sample of which so many files were written.
    public init(paths: [String]) { self.paths = paths }
}

/// Where the time of rendering went, in seconds.
public struct RenderingSeconds: Sendable, Equatable {
    /// Decoding the sound.
    public var sound = 0.0
    /// Decoding the pictures, and handing them on.
    public var pictures = 0.0
    /// Encoding and writing files, beside the decoding.
    public var writing = 0.0
    /// Waiting for the files after the last picture was decoded.
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

    /// Decodes a sample and writes its files.
    ///
    /// What was given is written as it was, not as the model's codecs give it back.
    ///
    /// - Parameters:
    ///   - latents: of the sample.
    ///   - given: what it began with or kept.
    ///   - target: the files.
    ///   - keepsFrames: whether the pictures stay in memory, to stand beside others.
    ///   - progress: told the number of pictures that are decoded.
    public func render(
        _ latents: SampleLatents,
        given: GivenLatents = GivenLatents(),
        to target: SampleTarget,
        keepsFrames: Bool = false,
        progress: (Int) throws -> Void = { _ in }
    ) throws -> RenderedSample {
        var rendered = RenderedSample(paths: [])
        let clock = ContinuousClock()
        rendered.seconds.sound = try clock.seconds {
            rendered.sound = try given.waveform ?? latents.audio.map(decoder.sound)
        }
        let writer = try writer(latents, rendered.sound, target)
        if let sound = rendered.sound { try writer.append(sound: sound) }
        var kept = FrameCollector(keepsFrames)
        rendered.seconds.pictures = try clock.seconds {
            try pictures(latents, given) { frames in
                try writer.append(frames: frames)
                kept.append(frames)
                try progress(kept.count)
            }
        }
        rendered.seconds.waiting = try clock.seconds {
            try writer.close()
            (rendered.paths, rendered.seconds.writing) = try writer.finish()
        }
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
