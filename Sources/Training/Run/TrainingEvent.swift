/// What a run tells while it goes on.
public enum TrainingEvent: Sendable {
    /// The run begins, or goes on, after so many finished steps.
    case started(after: Int, of: Int)
    /// Losses at fixed noise were measured.
    case measured(LossMeasure, step: Int)
    /// Held-out clips were measured.
    case heldOut(HeldOutResult, step: Int)
    /// How far the adapters have moved.
    case change(AdapterChange, step: Int)
    /// A step is done.
    case step(StepReport, of: Int)
    /// Previews were made.
    case previewed(PreviewReport, step: Int)
    /// An adapter was written.
    case saved(path: String, step: Int)
    /// Something the user should read.
    case notice(String)
}

/// Someone who is told: console, metrics file, data base.
public protocol TrainingListener: AnyObject {
    /// Takes in an event; a listener that fails must not stop the run.
    func handle(_ event: TrainingEvent)
}

/// How a run ended.
public struct TrainingResult: Sendable {
    /// Steps finished.
    public var step: Int
    /// The adapter that was written last.
    public var adapter: String
    /// Losses at fixed noise before the first step.
    public var before: LossMeasure?
    /// Losses at fixed noise after the last step.
    public var after: LossMeasure?
    /// The last measurement of held-out clips.
    public var heldOut: HeldOutResult?
    /// The best adapter on held-out clips by picture, if one was kept.
    public var bestFace: BestGain?
    /// The best adapter on held-out clips by sound, if one was kept.
    public var bestVoice: BestGain?
    /// Whether the run was asked to stop before its last step.
    public var wasStopped: Bool
}
