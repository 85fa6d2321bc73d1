import Torch

/// What happens with the gradients of a step: all are collected and applied at its end, or those of each
/// block at once.
protocol StepUpdate: GradientSink {
    /// Whether parameters have begun to change, so that a failure cannot be undone.
    var hasBegun: Bool { get }
    /// Tells norms and what was left out, after all passes.
    func describe(_ report: inout StepReport)
    /// Applies what is not applied yet.
    func finish() throws
}

/// Where an update is made.
extension GradientUse {
    func update(_ change: ParameterChange, writesAudio: [Bool]) -> any StepUpdate {
        switch self {
        case .collected: CollectedUpdate(change, writesAudio: writesAudio)
        case .blockwise: BlockwiseUpdate(change, writesAudio: writesAudio)
        }
    }
}

/// Which way a run goes.
public enum GradientUse: Sendable {
    /// All gradients, then one optimizer step.
    case collected
    /// The optimizer steps each block as soon as its gradients are there, and they are freed.
    case blockwise
}

/// Collects the gradients of all passes, clips them by their common norm, and applies them.
final class CollectedUpdate: StepUpdate {
    private let change: ParameterChange
    private let writesAudio: [Bool]
    private let sums: GradientSums
    private var norms = GradientNorms()
    private(set) var hasBegun = false

    init(_ change: ParameterChange, writesAudio: [Bool]) {
        self.change = change
        self.writesAudio = writesAudio
        sums = GradientSums(count: change.parameters.count)
    }

    func accepts(_ loss: Tensor) -> Bool { true }
    func add(_ gradient: Tensor, at index: Int) { sums.add(gradient, at: index) }
    func finishSegment() {}

    func describe(_ report: inout StepReport) {
        norms = GradientNorms(sums.values, writesAudio: writesAudio)
        report.take(norms)
    }

    func finish() throws {
        hasBegun = true
        try withTorchErrors { change.apply(sums.values, norm: norms.total) }
    }
}

/// Applies the gradients of each block when they are there: never are there those of two.
///
/// A norm over all blocks is not known before the first is changed, so each is clipped by its own. Only a
/// single pass may go through it.
final class BlockwiseUpdate: StepUpdate {
    private let change: ParameterChange
    private let writesAudio: [Bool]
    private var gradients: [Tensor?]
    private var norms = GradientNorms()
    private var applied = 0
    private var skipped = 0
    private var refusesLoss = false
    private(set) var hasBegun = false

    init(_ change: ParameterChange, writesAudio: [Bool]) {
        self.change = change
        self.writesAudio = writesAudio
        gradients = change.parameters.map { _ in nil }
    }

    func accepts(_ loss: Tensor) -> Bool {
        refusesLoss = refusesLoss || !loss.isFinite
        return !refusesLoss && !torchHasFailed
    }

    func add(_ gradient: Tensor, at index: Int) {
        if let sum = gradients[index] { sum.add(gradient) } else { gradients[index] = gradient }
    }

    func finishSegment() {
        guard gradients.contains(where: { $0 != nil }) else { return }
        let found = gradients
        gradients = found.map { _ in nil }
        let own = GradientNorms(found, writesAudio: writesAudio)
        // After a failure numbers mean nothing; what is whole so far stays whole.
        guard !torchHasFailed else { return }
        guard own.total.isFinite else {
            skipped += 1
            return
        }
        norms.add(own)
        hasBegun = true
        change.apply(found, norm: own.total)
        applied += 1
    }

    func describe(_ report: inout StepReport) {
        report.take(norms)
        report.skippedBlocks = skipped > 0 ? skipped : nil
        if refusesLoss || (applied == 0 && skipped > 0) { report.skipped = StepReport.notFinite }
    }

    func finish() throws {}
}

extension StepReport {
    /// Why a step changes nothing.
    static let notFinite = "a loss or gradient is not a finite number"

    fileprivate mutating func take(_ norms: GradientNorms) {
        videoGradientNorm = norms.video
        audioGradientNorm = norms.audio
        gradientNorm = norms.total
    }
}
