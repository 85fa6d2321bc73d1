import ClipCache
import ClipData
import Foundation
import LTXModel
import Media
import Sampling
import Torch
import TrainingRun

/// What the audio VAE keeps of the clips' sound: a voice that does not survive it is not learned either.
public struct DecodeBack: Codable, Sendable, Equatable {
    /// One clip.
    public struct Sound: Codable, Sendable, Equatable {
        /// The clip.
        public var name: String
        /// Power of the log-mel spectrogram over that of what is lost, in dB.
        public var snr: Double
        /// Whether the latents came from the cache.
        public var isCached: Bool
    }

    /// The clips that were tried.
    public internal(set) var sounds: [Sound] = [] {
        didSet {
            let values = sounds.map(\.snr).sorted()
            median = values.isEmpty ? nil : values[values.count / 2]
        }
    }
    /// The median of the clips' signal to noise, in dB; of two the better.
    public private(set) var median: Double?
    /// Why none was, if so.
    public var problem: String?
}

/// Encodes the sound of a few windows, or takes it from the cache, and decodes it again.
struct DecodeBackTest {
    let plan: RunPlan
    let checkpoint: Checkpoint
    let count: Int

    func run() -> DecodeBack {
        var result = DecodeBack()
        guard checkpoint.hasAudioDecoder else {
            result.problem = "\(checkpoint.path) holds no audio decoder"
            return result
        }
        do {
            try withTorchErrors {
                try withoutGradients { result.sounds = try sounds() }
            }
        } catch {
            result.problem = "\(error)"
        }
        return result
    }

    private func sounds() throws -> [DecodeBack.Sound] {
        let encoder = try checkpoint.audioEncoder(device: plan.device)
        let decoder = try checkpoint.audioDecoder(device: plan.device)
        let mel = MelSpectrogram(encoder.configuration.mel, device: plan.device)
        return try chosen.compactMap { item in
            guard let waveform = try sound(of: item, rate: encoder.configuration.mel.sampleRate)
            else { return nil }
            let heard = try mel(waveform)  // [1, C, Tm, M]
            let cached = try cachedSound(of: item)
            let kept = cached.map { Tensor($0.values, shape: [1] + $0.shape).to(on: plan.device) }
            let latent = try kept ?? encoder.encode(mel: heard)
            let decoded = try decoder.decode(latent)
            return DecodeBack.Sound(
                name: item.clip.name,
                snr: Self.snr(of: decoded, against: heard),
                isCached: cached != nil
            )
        }
    }

    /// Only what the plain sound of the window was encoded to can be compared with it.
    private func cachedSound(of item: PlannedItem) throws -> FloatBuffer? {
        guard item.audio?.normalizes == false, item.window.stretch == 1 else { return nil }
        return try plan.cachedSound(of: item)
    }

    /// Clips with sound, one window each, evenly from all over the plan.
    private var chosen: [PlannedItem] {
        var seen: Set<String> = []
        let sounding = plan.clips.items.filter {
            $0.bringsSound && !$0.flipX && seen.insert($0.clip.path).inserted
        }
        let step = max(1, sounding.count / max(count, 1))
        return Array(
            stride(from: 0, to: sounding.count, by: step).map { sounding[$0] }.prefix(count)
        )
    }

    /// Samples `[C, N]`; nil if nothing can be heard or decoded, which other remarks tell.
    private func sound(of item: PlannedItem, rate: Int) throws -> Tensor? {
        guard let reader = try? ClipReader(path: item.clip.path),
            case .sound(let waveform)? = try? reader.sound(
                from: item.window.start,
                duration: item.window.seconds,
                sampleRate: rate
            )
        else { return nil }
        return .samples(of: waveform, on: plan.device)
    }

    /// 10 log₁₀ of the power around the mean over the power of the difference, in the length both have.
    static func snr(of decoded: Tensor, against heard: Tensor) -> Double {
        let length = min(decoded.size(2), heard.size(2))
        let (a, b) = (
            heard.narrow(2, from: 0, count: length), decoded.narrow(2, from: 0, count: length)
        )
        let power = (a - a.mean().item()).power(2).sum().item()
        let lost = (a - b).power(2).sum().item()
        return 10 * log10(max(power, 1e-12) / max(lost, 1e-12))
    }
}
