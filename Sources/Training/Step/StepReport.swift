/// What one step reports.
public struct StepReport: Codable, Sendable, Equatable {
    /// Steps finished, this one included.
    public var step = 0
    /// Pass over the clips, from 0.
    public var epoch = 0
    /// Loss of the picture, mean over the step's micro-batches.
    public var videoLoss = 0.0
    /// Loss of the sound before scaling; nil if no clip of the step had sound.
    public var audioLoss: Double?
    /// Factor that the audio loss was scaled by.
    public var audioWeight = 1.0
    /// Losses of further passes, by name, before their factors.
    public var preservation: [String: Double] = [:]
    /// Errors of the picture by noise level, an item each.
    public var videoErrors: [SigmaError] = []
    /// Errors of the sound by noise level, an item with sound each.
    public var audioErrors: [SigmaError] = []
    /// Share of the sound that was to be learned from and was there, over the run so far.
    public var supervisedRatio: Double?
    /// Norm of all gradients before clipping.
    public var gradientNorm = 0.0
    /// Norm of the gradients of what writes the picture.
    public var videoGradientNorm = 0.0
    /// Norm of the gradients of what writes the sound.
    public var audioGradientNorm = 0.0
    /// Learning rate of the step, of what writes the picture; times the optimizer's estimate, if it makes one.
    public var rate = 0.0
    /// Learning rate of the step, of what writes the sound.
    public var audioRate = 0.0
    /// Duration.
    public var seconds = 0.0
    /// Highest use of memory so far, in bytes.
    public var peakBytes = 0
    /// Most bytes of the whole process, host memory included.
    public var processBytes = 0
    /// Names of the clips.
    public var clips: [String] = []
    /// Blocks that were left as they are because a gradient of theirs was not finite; nil for none.
    public var skippedBlocks: Int?
    /// Why the step changed nothing, if so.
    public var skipped: String?
}

/// The error of one item and the noise level it was made at.
public struct SigmaError: Codable, Sendable, Equatable {
    /// Noise level, 0...1.
    public var sigma: Double
    /// Mean error over the item's tokens, without any weight.
    public var error: Double

    /// Joins the two.
    public init(sigma: Double, error: Double) {
        self.sigma = sigma
        self.error = error
    }
}

/// Settings of the steps of a run.
public struct StepOptions: Sendable {
    /// Micro-batches per step; their gradients are averaged.
    public var accumulation = 1
    /// Learning rate before the schedule.
    public var rate = 1e-4
    /// The same for what writes the sound, where it differs.
    public var audioRate: Double?
    /// Course of the learning rate.
    public var schedule = LearningRateSchedule.constant
    /// Gradients of a larger norm are scaled down to it; 0 for no limit.
    public var maxGradientNorm = 1.0
    /// How predictions are compared with their targets.
    public var loss = LossFunction()
    /// Factor on the loss of the picture; at 0 the picture is only there to be seen by the sound.
    public var videoFactor = 1.0
    /// How strongly the audio loss counts.
    public var balance = LossBalance.fixed(1)
    /// The losses of a micro-batch are clamped to this; nil for no limit.
    public var maxLoss: Double?
    /// How much of the sound must be there.
    public var strictAudio: StrictAudio?
    /// Whether activations are recomputed instead of kept.
    public var checkpointing = Checkpointing.all
    /// Whether gradients are collected before the optimizer steps.
    public var gradientUse = GradientUse.collected
    /// Seed of the run.
    public var seed: UInt64 = 0

    /// The defaults.
    public init() {}
}
