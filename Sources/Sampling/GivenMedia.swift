public import LTXModel
public import Media
public import Torch

// Axes: B batch, T tokens, C latent channels, N samples, F latent frames.

/// Files that a sample begins with, or keeps, as latents.
public struct GivenLatents {
    /// The first picture, `[1, h · w, C]`.
    public var opening: Tensor?
    /// All pictures, `[1, T, C]`.
    public var video: Tensor?
    /// All sound, `[1, T, C]`.
    public var audio: Tensor?
    /// The pictures themselves, where all of them are given.
    public var frames: FrameBuffer?
    /// The sound itself, where it is given.
    public var waveform: Waveform?

    /// Nothing is given.
    public init() {}
}

/// Reads and encodes what a request gives; the encoders are read once and only if they are needed.
public final class GivenMedia {
    private let checkpoint: Checkpoint
    private let device: Device
    private var video: VideoEncoder?
    private var audio: AudioEncoder?
    /// Samples per second at which given sound is written.
    private static let writtenRate = 48_000

    /// Encoders of a checkpoint.
    public init(_ checkpoint: Checkpoint, device: Device) {
        self.checkpoint = checkpoint
        self.device = device
    }

    /// The latents of what a request gives, in float32.
    ///
    /// - Throws: if a file cannot be read, or is shorter than the sample.
    public func latents(for request: SampleRequest) throws -> GivenLatents {
        var given = GivenLatents()
        if let path = request.firstPicture {
            given.opening = try encoded(pictures(path, request, times: [0]))
        }
        if let path = request.givenPictures {
            let times = (0..<request.frameCount).map { Double($0) / request.fps }
            let frames = try pictures(path, request, times: times)
            (given.video, given.frames) = (try encoded(frames), frames)
        }
        if let path = request.givenSound {
            given.audio = try encoded(sound: path, request)
            given.waveform = try heard(path, request, rate: Self.writtenRate)
        }
        return given
    }

    /// Pictures that fill the sample's size: scaled as little as that takes, and cut around the middle.
    private func pictures(
        _ path: String,
        _ request: SampleRequest,
        times: [Double]
    ) throws -> FrameBuffer {
        let reader = try ClipReader(path: path)
        guard let shown = reader.info.video else {
            throw MediaError(
                kind: .noVideo,
                file: path,
                problem: "it holds no picture",
                fix: "give a picture or a clip"
            )
        }
        let geometry = FrameGeometry(
            of: (shown.width, shown.height),
            filling: (request.width, request.height)
        )
        return try reader.frames(at: times, geometry: geometry)
    }

    private func encoded(_ frames: FrameBuffer) throws -> Tensor {
        let encoder = try video ?? checkpoint.videoEncoder(device: device)
        video = encoder
        return try withTorchErrors {
            try withoutGradients {
                try encoder.encode(.pictures(frames)).asTokens
            }
        }
    }

    private func encoded(sound path: String, _ request: SampleRequest) throws -> Tensor {
        let encoder = try audio ?? checkpoint.audioEncoder(device: device)
        audio = encoder
        let waveform = try heard(path, request, rate: encoder.configuration.mel.sampleRate)
        let count = request.audioCount(try checkpoint.latentScale)
        return try withTorchErrors {
            try withoutGradients {
                let samples = Tensor.samples(of: waveform, on: device)
                return AudioEncoder.fitted(try encoder.encode(waveform: samples), to: count)
            }
        }
    }
}

extension GivenMedia {
    /// The sound of a file for as long as the sample lasts.
    private func heard(_ path: String, _ request: SampleRequest, rate: Int) throws -> Waveform {
        let seconds = Double(request.frameCount) / request.fps
        let sound = try ClipReader(path: path).sound(from: 0, duration: seconds, sampleRate: rate)
        guard case .sound(let waveform) = sound else {
            throw MediaError(
                kind: .invalidRequest,
                file: path,
                problem: "nothing can be heard in its first \(seconds) s",
                fix: "give a file with sound, or leave --sound out"
            )
        }
        return waveform
    }
}

extension Tensor {
    /// Pictures as the video encoder takes them: bytes `[1, 3, T, H, W]`.
    package static func pictures(_ frames: FrameBuffer) -> Tensor {
        let shape = [1, frames.frameCount, frames.height, frames.width, 3]
        let bytes = frames.bytes.withUnsafeBytes { Tensor(bytes: $0, dtype: .uint8, shape: shape) }
        return bytes.permute(0, 4, 1, 2, 3)
    }

    /// Sound as the audio encoder takes it: `[C, N]`.
    package static func samples(of sound: Waveform, on device: Device) -> Tensor {
        .stack(sound.samples.map { Tensor($0) }).to(on: device)
    }

    /// Latents `[B, C, F, h, w]` as tokens `[B, F · h · w, C]`.
    var asTokens: Tensor { reshape(size(0), size(1), -1).transpose(1, 2).contiguous() }

    /// Tokens `[B, F · h · w, C]` as latents `[B, C, F, h, w]`.
    func asLatents(_ grid: VideoGrid) -> Tensor {
        transpose(1, 2).reshape(size(0), size(2), grid.frames, grid.height, grid.width)
    }
}

extension FrameGeometry {
    /// Scales a picture until it covers a size, and cuts what stands out on both sides.
    init(of source: (width: Int, height: Int), filling size: (width: Int, height: Int)) {
        let (width, height) = Self.size(of: source, covering: size)
        self.init(
            scaledWidth: width,
            scaledHeight: height,
            cropX: (width - size.width) / 2,
            cropY: (height - size.height) / 2,
            cropWidth: size.width,
            cropHeight: size.height
        )
    }
}
