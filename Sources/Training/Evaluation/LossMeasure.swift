public import LTXModel
import Torch

/// Losses at fixed noise: the same clips, the same noise levels, the same noise each time.
///
/// Losses of single steps jump with their noise level; these can be compared. Picture and sound have one
/// noise level, as they have when somebody samples.
public struct LossMeasure: Codable, Equatable, Sendable {
    /// Mean loss of the picture.
    public var video: Double
    /// Mean loss of the sound; nil if no measured clip has any.
    public var audio: Double?
    /// Mean losses of the picture at each of `LossMeter.sigmas`.
    public var videoBySigma: [Double]
    /// The same of the sound; empty if no measured clip has any.
    public var audioBySigma: [Double]

    /// The means of losses that were measured noise level by noise level, clip by clip.
    init(video: [[Double]], audio: [[Double]]) {
        self.video = Self.mean(video.flatMap(\.self)) ?? .nan
        self.audio = Self.mean(audio.flatMap(\.self))
        videoBySigma = video.compactMap(Self.mean)
        audioBySigma = audio.compactMap(Self.mean)
    }

    private static func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}

/// Measures losses at fixed noise levels on a few batches.
public struct LossMeter {
    private let transformer: Transformer
    private let network: any TrainedNetwork
    private let noise: FlowMatching
    private let prompts: PromptPass
    /// Noise levels that are measured: one from the middle of each quarter.
    public static let sigmas = [0.125, 0.375, 0.625, 0.875]

    /// A meter for one run; `prompts` where the connectors are trained.
    public init(
        transformer: Transformer,
        network: any TrainedNetwork,
        noise: FlowMatching,
        prompts: PromptPass = .fixed
    ) {
        self.prompts = prompts
        self.transformer = transformer
        self.network = network
        self.noise = noise
    }

    /// Mean losses over the batches and noise levels, without dropout.
    public func measure(_ batches: [TrainingBatch]) throws -> LossMeasure {
        var video: [[Double]] = []
        var audio: [[Double]] = []
        network.prepareStep(random: nil)
        for sigma in Self.sigmas {
            let found = try batches.enumerated().map { number, batch in
                // No step of a run is drawn with this number: measuring never repeats its noise.
                try losses(batch, at: FlowMatching.Place(step: -1, part: number, sigma: sigma))
            }
            video.append(found.compactMap(\.video))
            audio.append(found.compactMap(\.audio))
        }
        return LossMeasure(video: video, audio: audio)
    }

    /// The same of the base model alone.
    public func measureBase(_ batches: [TrainingBatch]) throws -> LossMeasure {
        try network.detached { try measure(batches) }
    }

    private func losses(
        _ batch: TrainingBatch,
        at place: FlowMatching.Place
    ) throws -> (video: Double?, audio: Double?) {
        try withTorchErrors {
            try withoutGradients {
                let noisy = try noise.noisy(prompts.current(batch), at: place)
                let found = transformer(noisy.input)
                let video = found.video.map { noisy.video.loss(noisy.video.errors(of: $0)).item() }
                guard noisy.learnsAudio, let heard = found.audio, let audio = noisy.audio else {
                    return (video, nil)
                }
                return (video, audio.loss(audio.errors(of: heard)).item())
            }
        }
    }
}
