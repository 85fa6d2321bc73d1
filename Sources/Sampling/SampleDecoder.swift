public import LTXModel
public import Media
public import Torch

// Axes: B batch, T pictures, H rows, W columns, N samples.

/// Latents of samples to pictures and sound; each decoder is read when it is first needed.
///
/// Where the device is too small for a decoder beside what else is there, smaller pieces are tried, then
/// the CPU: a preview that takes long is better than none.
public final class SampleDecoder {
    /// Where it decodes: the device, or the CPU since memory ran out.
    public private(set) var place: Device
    private let checkpoint: Checkpoint
    private let dtype: DType
    private var tilings: [VideoTiling]
    private var video: VideoDecoder?
    private var audio: (decoder: AudioDecoder, vocoder: Vocoder)?

    /// Pieces to try, from fast to small.
    private static let tilings = [
        VideoTiling(), VideoTiling(pixelsAtOnce: 1 << 20, side: 768, overlap: 256),
        VideoTiling(pixelsAtOnce: 1 << 18, side: 512, overlap: 192),
    ]

    /// Decoders of a checkpoint; `dtype` is that of the picture's decoder.
    public init(_ checkpoint: Checkpoint, device: Device, dtype: DType = .float32) {
        self.checkpoint = checkpoint
        self.dtype = dtype
        place = device
        tilings = Self.tilings
    }

    /// Samples per second of the sound.
    public var sampleRate: Int {
        get throws { try checkpoint.vocoderConfiguration.sampleRate }
    }

    /// Forgets the weights.
    public func release() throws {
        (video, audio) = (nil, nil)
        try withTorchErrors { place.releaseCachedMemory() }
    }

    /// The sound of audio latents `[1, T, C]`.
    public func sound(of latents: Tensor) throws -> Waveform {
        try whereItFits {
            let (decoder, vocoder) = try soundDecoders()
            let samples = try withTorchErrors {
                try withoutGradients {
                    try vocoder.waveform(of: decoder.decode(latents.to(on: place))).select(0, 0)
                }
            }
            let channels = try withTorchErrors {
                (0..<samples.size(0)).map { samples.select(0, $0).floats() }
            }
            return Waveform(sampleRate: vocoder.sampleRate, samples: channels)
        }
    }

    /// Decodes the picture, and hands out its frames in order as they get ready.
    ///
    /// - Parameters:
    ///   - latents: `[1, C, F, h, w]`.
    ///   - seed: of the noise that some decoders mix in.
    ///   - onFrames: takes the next frames; none comes twice.
    /// - Throws: if there is no decoder, or memory runs out on the CPU too; what `onFrames` throws.
    public func pictures(
        of latents: Tensor,
        seed: UInt64,
        onFrames: (FrameBuffer) throws -> Void
    ) throws {
        var handedOut = 0
        try whereItFits {
            let decoder = try video ?? checkpoint.videoDecoder(dtype: dtype, device: place)
            video = decoder
            var number = 0
            try decoder.decode(
                latents.to(on: place),
                tiling: tilings.first ?? VideoTiling(),
                random: RandomGenerator(seed: seed, step: 0, purpose: 0xDEC0)
            ) { frames in
                // After a second try those that were handed out come again.
                let count = frames.size(2)
                let known = min(count, max(0, handedOut - number))
                number += count
                guard known < count else { return }
                let new = frames.narrow(2, from: known, count: count - known)
                try onFrames(try withTorchErrors { new.frameBuffer })
                handedOut = number
            }
        }
    }

    private func soundDecoders() throws -> (AudioDecoder, Vocoder) {
        if let audio { return audio }
        let made = (
            decoder: try checkpoint.audioDecoder(device: place),
            vocoder: try checkpoint.vocoder(device: place)
        )
        audio = made
        return made
    }

    /// Tries again with less whenever memory runs out, until there is nothing less.
    private func whereItFits<R>(_ body: () throws -> R) throws -> R {
        while true {
            do {
                return try body()
            } catch let error as TorchError where error.kind == .outOfMemory {
                try withTorchErrors { place.releaseCachedMemory() }
                if tilings.count > 1 {
                    tilings.removeFirst()
                } else {
                    guard place != .cpu else { throw error }
                    try release()
                    (place, tilings) = (.cpu, Self.tilings)
                }
            }
        }
    }
}

extension Tensor {
    /// Pictures `[1, 3, T, H, W]` in -1...1 as bytes.
    var frameBuffer: FrameBuffer {
        // Conversion cuts the fraction off: half more rounds.
        let bytes = (self * 127.5 + 128).clamped(0, 255).to(.uint8)
            .select(0, 0).permute(1, 2, 3, 0).contiguous()
        return FrameBuffer(
            frameCount: size(2),
            height: size(3),
            width: size(4),
            bytes: bytes.bytes()
        )
    }
}
