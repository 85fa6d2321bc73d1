public import Adapters
public import LTXModel
import Torch

/// Losses at fixed noise: the same clips, the same noise levels, the same noise each time.
///
/// Losses of single steps jump with their noise level; these can be compared.
public struct LossMeasure: Codable, Equatable, Sendable {
    /// Mean loss of the picture.
    public var video: Double
    /// Mean loss of the sound; nil if no measured clip has any.
    public var audio: Double?

    /// Joins the losses.
    public init(video: Double, audio: Double?) {
        self.video = video
        self.audio = audio
    }
}

/// Measures losses at fixed noise levels on a few batches.
public struct LossMeter {
    private let transformer: Transformer
    private let network: AdapterNetwork
    private let noise: FlowMatching
    /// Noise levels that are measured: one from each quarter.
    public static let sigmas = [0.125, 0.375, 0.625, 0.875]

    /// A meter for one run.
    public init(transformer: Transformer, network: AdapterNetwork, noise: FlowMatching) {
        self.transformer = transformer
        self.network = network
        self.noise = noise
    }

    /// Mean losses over the batches and noise levels, without dropout.
    public func measure(_ batches: [TrainingBatch]) throws -> LossMeasure {
        var video: [Double] = []
        var audio: [Double] = []
        network.prepareStep(random: nil)
        for (number, batch) in batches.enumerated() {
            for sigma in Self.sigmas {
                try withTorchErrors {
                    try withoutGradients {
                        let noisy = try noise.noisy(batch, step: -1, part: number, sigma: sigma)
                        let found = transformer(noisy.input)
                        if let picture = found.video {
                            video.append(noisy.video.loss(picture).item())
                        }
                        if noisy.learnsAudio, let sound = found.audio, let wanted = noisy.audio {
                            audio.append(wanted.loss(sound).item())
                        }
                    }
                }
            }
        }
        return LossMeasure(video: mean(video) ?? .nan, audio: mean(audio))
    }

    private func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
