/// Why a run ended early.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
    case notFinite(step: Int, count: Int, report: String)
    case outOfMemory(step: Int, device: String, reason: String, saved: Bool)
    case optimizerFailed(step: Int, reason: String)

    /// Where, what is, what should be, what to do.
    public var description: String {
        switch self {
        case .notFinite(let step, let count, let report):
            "step \(step): \(count) steps in a row gave losses or gradients that are no numbers (\(report)); "
                + "no saved file was overwritten; lower train.lr or check the clips named here"
        case .optimizerFailed(let step, let reason):
            "step \(step): the optimizer failed half way (\(reason)), so nothing of this step is saved; "
                + "make room as for memory that runs out, then go on with --resume from the last saved state"
        case .outOfMemory(let step, let device, let reason, let saved):
            "step \(step): memory of \(device) ran out (\(reason)); "
                + (saved ? "the state before this step is saved; " : "")
                + "use a smaller resolution, fewer num_frames, batch_size 1, gradient_checkpointing: true or "
                + "layer_offloading: auto, "
                + "then go on with --resume"
        }
    }
}
