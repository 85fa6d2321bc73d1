/// How strongly the audio loss counts beside the video loss.
public enum LossBalance: Equatable, Sendable {
    /// A constant factor.
    case fixed(Double)
    /// Running means of both losses keep the audio part at a third of the video part.
    case runningMeans
}

/// The factor on the audio loss, and what it remembers between steps.
///
/// The audio loss is scaled so that its running mean becomes 0.33 × that of the video loss, in both
/// directions, within 0.05...20.
public struct AudioWeight: Codable, Equatable, Sendable {
    private var videoMean: Double?
    private var audioMean: Double?
    /// How many steps with sound were seen.
    public private(set) var count = 0

    /// Nothing seen yet.
    public init() {}

    /// The factor, once the losses it is meant for are taken in; 1 before the first.
    public func factor(_ balance: LossBalance) -> Double {
        switch balance {
        case .fixed(let factor): return factor
        case .runningMeans:
            guard let videoMean, let audioMean, audioMean > 1e-6 else { return 1 }
            return min(20, max(0.05, 0.33 * max(videoMean, 1e-6) / audioMean))
        }
    }

    /// Takes in the losses of a step, before scaling.
    public mutating func update(video: Double, audio: Double) {
        videoMean = videoMean.map { 0.99 * $0 + 0.01 * video } ?? video
        audioMean = audioMean.map { 0.99 * $0 + 0.01 * audio } ?? audio
        count += 1
    }
}
