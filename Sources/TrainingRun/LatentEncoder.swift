import ClipCache
import ClipData
package import LTXModel
import Media
import Sampling
import Torch

/// The checkpoint's own encoders as `ClipData` needs them; weights are read when the first clip comes.
final class LatentEncoder: ClipEncoder {
    let fingerprint: String
    let soundRate: Int
    var origin: String { checkpoint.path }
    private let checkpoint: Checkpoint
    private let device: Device
    private var video: VideoEncoder?
    private var audio: AudioEncoder?

    init(_ checkpoint: Checkpoint, device: Device) throws {
        self.checkpoint = checkpoint
        self.device = device
        soundRate = try checkpoint.latentScale.sampleRate
        fingerprint = try checkpoint.encoderFingerprint
    }

    func encode(frames: FrameBuffer) throws -> FloatBuffer {
        let encoder = try video ?? checkpoint.videoEncoder(device: device)
        video = encoder
        return try withTorchErrors {
            try withoutGradients {
                let latent = try encoder.encode(.pictures(frames))
                return buffer(latent.select(0, 0))  // [C, F, h, w]
            }
        }
    }

    func encode(sound: Waveform, latentCount: Int) throws -> FloatBuffer {
        let encoder = try audio ?? checkpoint.audioEncoder(device: device)
        audio = encoder
        return try withTorchErrors {
            try withoutGradients {
                let latent = try encoder.encode(waveform: .samples(of: sound, on: device))
                return buffer(AudioEncoder.fitted(latent, to: latentCount).select(0, 0))  // [T, C]
            }
        }
    }

    /// Digital silence as the encoder sees it, which is neither zero nor noise; `[latentCount, C]`.
    func silence(latentCount: Int) throws -> FloatBuffer {
        let seconds = Double(latentCount) / (try checkpoint.latentScale.audioRate)
        let samples = [Float](repeating: 0, count: Int((seconds * Double(soundRate)).rounded(.up)))
        let sound = Waveform(sampleRate: soundRate, samples: [samples, samples])
        return try encode(sound: sound, latentCount: latentCount)
    }

    private func buffer(_ tensor: Tensor) -> FloatBuffer {
        FloatBuffer(shape: tensor.shape, values: tensor.floats())
    }
}

extension Checkpoint {
    /// How pixels and seconds become latents.
    var latentFactors: LatentFactors {
        get throws {
            let scale = try latentScale
            var factors = LatentFactors()
            factors.channels = try videoVAEConfiguration.latentChannels
            factors.space = scale.space
            factors.time = scale.time
            factors.audioRate = scale.audioRate
            return factors
        }
    }

    /// What tells the weights of both encoders apart.
    package var encoderFingerprint: String {
        get throws {
            let parts = try [Component.videoVAE, .audioVAE].map(fingerprint)
            return parts.map(\.description).joined(separator: "-")
        }
    }
}
