import ClipCache
import Foundation
public import LTXModel
import Media
import Sampling
public import Torch
import TrainingRun

// Axes: T pictures, H rows, W columns, N samples, Tm spectra, M mel bands.

/// Cached latents decoded back to a movie, beside the clip that they were made from: what the model gets
/// to see and hear of it.
public final class CacheView {
    /// What one entry has come to.
    public struct Finding: Codable, Sendable, Equatable {
        /// The entry.
        public var entry: String
        /// Where its window begins in the clip, in seconds.
        public var start: Double
        /// How long the window is, in seconds.
        public var seconds: Double
        /// The decoded movie.
        public var movie: String
        /// Peak signal to noise of the pictures, in dB; nil without the clip.
        public var psnr: Double?
        /// Signal to noise of the log-mel spectrogram, in dB; nil where there is nothing to compare.
        public var snr: Double?
        /// What could not be decoded or compared, and why.
        public var remarks: [String] = []
    }

    private let checkpoint: Checkpoint
    private let device: Device
    private let folder: String
    private let decoder: SampleDecoder
    private var audio: (encoder: AudioEncoder, decoder: AudioDecoder)?

    /// Decodes with the decoders of a checkpoint, into a folder that exists.
    public init(_ checkpoint: Checkpoint, device: Device, folder: String) {
        (self.checkpoint, self.device, self.folder) = (checkpoint, device, folder)
        decoder = SampleDecoder(checkpoint, device: device)
    }

    /// Decodes an entry.
    ///
    /// - Parameters:
    ///   - path: of the entry.
    ///   - clip: the clip that it was made from; nil compares with nothing.
    /// - Returns: what was written, and what was lost.
    /// - Throws: if the entry is damaged or the checkpoint cannot decode it.
    public func look(at path: String, clip: String?) throws -> Finding {
        let entry = try CachedClip(path: path)
        var finding = Finding(
            entry: path,
            start: entry.key.start,
            seconds: entry.key.seconds,
            movie: "\(folder)/\(name(of: path)).mp4"
        )
        if try checkpoint.encoderFingerprint != entry.key.encoderFingerprint {
            finding.remarks.append(
                "it was encoded by other weights (\(entry.checkpoint)): what is lost says little"
            )
        }
        let frames = try movie(entry, &finding)
        guard let clip else { return finding }
        let reader = try ClipReader(path: clip)
        let source = try reader.frames(
            at: entry.key.frameTimes,
            geometry: FrameGeometry(entry.key.geometry)
        )
        finding.psnr = Self.psnr(frames, source)
        finding.snr = try soundRatio(entry, reader, &finding)
        return finding
    }

    private func name(of path: String) -> String {
        ((path as NSString).lastPathComponent as NSString).deletingPathExtension
    }

    /// Writes the decoded movie; returns its pictures.
    private func movie(_ entry: CachedClip, _ finding: inout Finding) throws -> FrameBuffer {
        let clip = entry.clip
        var request = SampleRequest(prompt: "")
        (request.width, request.height, request.frameCount) = (
            clip.width, clip.height, clip.pixelFrames
        )
        request.fps = clip.fps
        var hasSound = clip.audio != nil
        if hasSound, !checkpoint.hasVocoder || !checkpoint.hasAudioDecoder {
            hasSound = false
            finding.remarks.append(
                "\(checkpoint.path) holds no vocoder: the movie is without sound"
            )
        }
        let latents = SampleLatents(
            request: request,
            video: Tensor(clip.video.values, shape: [1] + clip.video.shape),
            audio: hasSound ? clip.audio.map { Tensor($0.values, shape: [1] + $0.shape) } : nil
        )
        var made = try SampleRenderer(decoder).render(
            latents,
            to: SampleTarget(path: finding.movie),
            keepsFrames: true
        )
        _ = try made.settle()
        return made.frames ?? FrameBuffer(frameCount: 0, height: 0, width: 0, bytes: [])
    }

    /// 10 log₁₀ of 255² over the mean squared difference.
    static func psnr(_ a: FrameBuffer, _ b: FrameBuffer) -> Double? {
        guard a.bytes.count == b.bytes.count, !a.bytes.isEmpty else { return nil }
        var sum = 0
        for (left, right) in zip(a.bytes, b.bytes) {
            let difference = Int(left) - Int(right)
            sum += difference * difference
        }
        let mean = Double(sum) / Double(a.bytes.count)
        return 10 * log10(255 * 255 / max(mean, 1e-4))
    }

    // MARK: - Sound

    private func soundRatio(
        _ entry: CachedClip,
        _ reader: ClipReader,
        _ finding: inout Finding
    ) throws -> Double? {
        guard let latents = entry.clip.audio else {
            finding.remarks.append("its sound is \(entry.clip.audioStatus.rawValue)")
            return nil
        }
        guard checkpoint.hasAudioDecoder else { return nil }
        guard let source = try sound(entry, reader) else {
            finding.remarks.append("the clip's sound can no longer be read")
            return nil
        }
        let (encoder, decoder) = try soundCodec()
        return try withTorchErrors {
            try withoutGradients {
                let samples = Tensor.samples(of: source, on: device)
                let heard = try MelSpectrogram(encoder.configuration.mel, device: device)(samples)
                let kept = Tensor(latents.values, shape: [1] + latents.shape).to(on: device)
                return DecodeBackTest.snr(of: try decoder.decode(kept), against: heard)
            }
        }
    }

    private func soundCodec() throws -> (AudioEncoder, AudioDecoder) {
        if let audio { return audio }
        let made = (
            encoder: try checkpoint.audioEncoder(device: device),
            decoder: try checkpoint.audioDecoder(device: device)
        )
        audio = made
        return made
    }

    /// The window's sound as it was encoded: at the rate that makes up for a changed speed, mirrored with
    /// the picture.
    private func sound(_ entry: CachedClip, _ reader: ClipReader) throws -> Waveform? {
        let rate = Double(try checkpoint.latentScale.sampleRate)
        let shown = Double(entry.clip.pixelFrames) / entry.clip.fps
        let read = try reader.sound(
            from: entry.key.start,
            duration: entry.key.seconds,
            sampleRate: Int((rate * shown / entry.key.seconds).rounded())
        )
        guard case .sound(let waveform) = read else { return nil }
        return Waveform(
            sampleRate: Int(rate),
            samples: entry.key.geometry.flipX ? waveform.samples.reversed() : waveform.samples
        )
    }
}

extension FrameGeometry {
    /// How the pictures of an entry were scaled, cropped and mirrored.
    init(_ geometry: CacheGeometry) {
        self.init(
            scaledWidth: geometry.scaledWidth,
            scaledHeight: geometry.scaledHeight,
            cropX: geometry.cropX,
            cropY: geometry.cropY,
            cropWidth: geometry.width,
            cropHeight: geometry.height,
            flipX: geometry.flipX,
            flipY: geometry.flipY
        )
    }
}
