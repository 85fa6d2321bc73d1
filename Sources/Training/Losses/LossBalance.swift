/// How strongly the audio loss counts beside the video loss.
public enum LossBalance: Equatable, Sendable {
    /// A constant factor.
    case fixed(Double)
    /// Running means of both losses keep the audio part at a third of the video part.
    case runningMeans
    /// Both losses change the adapters equally: running means of the norms of their gradients, which
    /// are taken apart in every so many steps with sound.
    case gradientNorms(every: Int)
}

/// The factor on the audio loss, and what it remembers between steps.
///
/// Always within 0.05...20, in both directions.
public struct AudioWeight: Codable, Equatable, Sendable {
    /// A mean that forgets; it starts at the first value.
    struct RunningMean: Codable, Equatable, Sendable {
        private(set) var value: Double?

        mutating func add(_ next: Double, keeping share: Double) {
            guard next.isFinite else { return }
            value = value.map { share * $0 + (1 - share) * next } ?? next
        }
    }

    private var video = RunningMean()
    private var audio = RunningMean()
    private var videoNorm = RunningMean()
    private var audioNorm = RunningMean()
    /// How many micro-batches with sound were seen.
    public private(set) var count = 0

    /// Nothing seen yet.
    public init() {}

    /// The factor, once the losses it is meant for are taken in; 1 before the first.
    public func factor(_ balance: LossBalance) -> Double {
        switch balance {
        case .fixed(let factor): return factor
        case .runningMeans:
            guard let video = video.value, let audio = audio.value, audio > 1e-6 else { return 1 }
            return limited(0.33 * max(video, 1e-6) / audio)
        case .gradientNorms:
            guard let video = videoNorm.value, let audio = audioNorm.value, audio > 0 else {
                return 1
            }
            return limited(video / audio)
        }
    }

    private func limited(_ factor: Double) -> Double { min(20, max(0.05, factor)) }

    /// Takes in the losses of a micro-batch, before scaling.
    public mutating func update(video loss: Double, audio heard: Double) {
        video.add(loss, keeping: 0.99)
        audio.add(heard, keeping: 0.99)
        count += 1
    }

    /// Takes in the norms of the gradients that both losses have alone, before scaling.
    ///
    /// Norms are taken far more rarely than losses, so a new one counts for more.
    public mutating func update(videoNorm norm: Double, audioNorm heard: Double) {
        videoNorm.add(norm, keeping: 0.8)
        audioNorm.add(heard, keeping: 0.8)
    }

    /// Whether the gradients of the next micro-batch with sound are to be taken apart.
    func wantsNorms(_ balance: LossBalance) -> Bool {
        guard case .gradientNorms(let every) = balance else { return false }
        return count.isMultiple(of: max(every, 1))
    }
}
