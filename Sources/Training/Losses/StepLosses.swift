import Torch

/// Losses of the micro-batches of a step.
struct StepLosses {
    private(set) var video: [Double] = []
    private(set) var audio: [Double] = []
    private var videoErrors: [SigmaError] = []
    private var audioErrors: [SigmaError] = []
    var preservation: [String: [Double]] = [:]

    /// Takes in the errors of a micro-batch `[B]`; reads them from the device once.
    mutating func addVideo(_ errors: Tensor, _ noisy: NoisyModality) {
        let values = errors.detach().floats().map(Double.init)
        video.append(noisy.loss(values))
        videoErrors += zip(noisy.sigmas, values).map { SigmaError(sigma: $0, error: $1) }
    }

    /// The same for the sound; items without any are left out.
    mutating func addAudio(_ errors: Tensor, _ noisy: NoisyModality) {
        let values = errors.detach().floats().map(Double.init)
        audio.append(noisy.loss(values))
        for (index, value) in values.enumerated() where noisy.itemWeights[index] > 0 {
            audioErrors.append(SigmaError(sigma: noisy.sigmas[index], error: value))
        }
    }

    mutating func add(_ other: StepLosses) {
        video += other.video
        audio += other.audio
        videoErrors += other.videoErrors
        audioErrors += other.audioErrors
    }

    func report(into report: inout StepReport) {
        report.videoLoss = mean(video) ?? 0
        report.audioLoss = mean(audio)
        report.videoErrors = videoErrors
        report.audioErrors = audioErrors
        report.preservation = preservation.compactMapValues(mean)
    }

    private func mean(_ values: [Double]) -> Double? {
        values.isEmpty ? nil : values.reduce(0, +) / Double(values.count)
    }
}
