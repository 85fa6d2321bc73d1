import Foundation
import Training
import TrainingRun

/// Means over the last steps: single losses jump with their noise level.
struct RecentLosses {
    private var video: [Double] = []
    private var audio: [Double] = []
    private var seconds: [Double] = []
    private var videoNorms: [Double] = []
    private var audioNorms: [Double] = []
    private var supervised: Double?
    private let length = 50

    mutating func add(_ report: StepReport) {
        guard report.skipped == nil else { return }
        video = Array((video + [report.videoLoss]).suffix(length))
        audio = Array((audio + [report.audioLoss].compactMap(\.self)).suffix(length))
        seconds = Array((seconds + [report.seconds]).suffix(length))
        videoNorms = Array((videoNorms + [report.videoGradientNorm]).suffix(length))
        audioNorms = Array((audioNorms + [report.audioGradientNorm]).suffix(length))
        supervised = report.supervisedRatio
    }

    /// Mean norms of the gradients of what writes picture and sound, and how much sound there was.
    var gradients: String {
        let norms = String(
            format: "[gradient] video %.2e  audio %.2e",
            mean(videoNorms),
            mean(audioNorms)
        )
        let share = supervised.map {
            "  sound in \(Int(($0 * 100).rounded())) % of the clips that should have it"
        }
        return norms + (share ?? "")
    }

    func line(_ report: StepReport, of steps: Int) -> String {
        let pace = mean(seconds)
        let rest = pace * Double(steps - report.step)
        let sound = audio.isEmpty ? "" : String(format: " audio %.4f", mean(audio))
        return "step \(report.step)/\(steps)"
            + String(format: "  loss video %.4f", mean(video)) + sound
            + String(format: "  %.2f s/step  %@ left  ", pace, duration(rest))
            + "\(report.peakBytes.inBytes)"
    }

    private func mean(_ values: [Double]) -> Double {
        values.isEmpty ? 0 : values.reduce(0, +) / Double(values.count)
    }

    private func duration(_ seconds: Double) -> String {
        let total = Int(seconds.rounded())
        return total >= 3600
            ? String(format: "%d:%02d:%02d", total / 3600, total / 60 % 60, total % 60)
            : String(format: "%d:%02d", total / 60, total % 60)
    }
}
