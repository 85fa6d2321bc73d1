import Foundation
public import LTXModel
public import RunFiles
public import Torch

/// The loop of a run: steps, events, adapters and states.
public final class Trainer {
    private let step: TrainingStep
    private let meter: LossMeter
    let network: any TrainedNetwork
    private let optimizer: any Optimizer
    private let source: any BatchSource
    private let store: RunStateStore
    let folder: RunFolder
    private let save: SaveOptions
    private let options: StepOptions
    let device: Device
    /// Told of everything, in order.
    public var listeners: [any TrainingListener] = []
    /// Batches whose losses are measured before and after; none measures nothing.
    public var measured: [TrainingBatch] = []
    /// Steps between two looks at how far the adapters have moved; 0 for none.
    public var changeInterval = 50
    /// Asked for help when memory runs out.
    public var relief: (any MemoryRelief)?
    /// Shows what the run has learned; nil shows nothing.
    public var previews: (any PreviewMaker)?
    /// When previews are made besides those that are wished for.
    public var previewTimes: PreviewTimes?
    /// Measures at the end what the adapter's layers read; nil does not.
    public var statistics: AdapterStatistics?
    private var heldOut: HeldOutWatch?
    private var lastHeldOut: HeldOutResult?
    private var keepsBest = false
    private var voiceChange = VoiceChangeWatch()
    var done = 0
    /// Most bytes that steps had in use on the device, previews apart.
    var stepPeak = 0
    private var before: LossMeasure?
    private var failures = 0
    private var hasSettled = false
    private static let failureLimit = 10

    /// Joins model, adapters, data and folder into a run.
    public init(
        transformer: Transformer,
        network: any TrainedNetwork,
        optimizer: any Optimizer,
        source: any BatchSource,
        noise: FlowMatching,
        options: StepOptions,
        save: SaveOptions,
        folder: RunFolder,
        device: Device,
        prompts: PromptPass = .fixed
    ) {
        step = TrainingStep(
            transformer: transformer,
            network: network,
            optimizer: optimizer,
            noise: noise,
            options: options,
            prompts: prompts
        )
        meter = LossMeter(
            transformer: transformer,
            network: network,
            noise: noise,
            prompts: prompts
        )
        self.network = network
        self.optimizer = optimizer
        self.source = source
        store = RunStateStore(folder: folder, network: network, optimizer: optimizer)
        self.folder = folder
        self.save = save
        self.options = options
        self.device = device
    }

    /// Further passes in which the frozen base model is the teacher.
    public var preservations: [any Preservation] {
        get { step.preservations }
        set { step.preservations = newValue }
    }

    /// Measures clips that are never trained on, every so many steps.
    ///
    /// - Parameters:
    ///   - batches: what is measured; nothing is if there are none.
    ///   - every: steps between two measurements.
    ///   - keepsBest: whether the best adapter by picture and by sound is kept.
    ///   - meter: measures with other noise than the run's, where sound is measured that is not trained.
    public func watch(
        _ batches: [TrainingBatch],
        every: Int,
        keepsBest: Bool,
        meter: LossMeter? = nil
    ) {
        let meter = meter ?? self.meter
        heldOut = batches.isEmpty ? nil : HeldOutWatch(meter, batches, every: every)
        self.keepsBest = keepsBest
    }

    /// Goes on where a saved state stood; returns its step.
    @discardableResult
    public func resume(from path: String) throws -> Int {
        let progress = try store.restore(from: path)
        try source.restore(progress.position)
        step.audioWeight = progress.audioWeight
        step.supervision = progress.supervision
        heldOut?.memory = progress.heldOut
        before = progress.before
        done = progress.step
        return done
    }

    /// Trains until `steps` are done or a stop is asked for; both end with everything saved.
    public func run(steps: Int, stop: StopRequest = StopRequest()) throws -> TrainingResult {
        tell(.started(after: done, of: steps))
        try withTorchErrors { device.resetPeakMemory() }
        if before == nil, !measured.isEmpty { before = try measure() }
        if !network.keepsBase { try measureBase() }
        if previewTimes?.isDueAtStart(after: done) == true { try preview(isFirst: true) }
        while done < steps, !stop.isAsked {
            try runStep(of: steps)
            try look(of: steps)
            try keepAndShow(of: steps)
        }
        let finished = done >= steps
        let after = finished && !measured.isEmpty ? try measure() : nil
        let adapter = try saveAll(final: finished)
        if finished {
            try keepStatistics(of: adapter, stop)
            try previewAtEnd(of: steps)
        }
        return TrainingResult(
            step: done,
            adapter: adapter,
            before: before,
            after: after,
            heldOut: lastHeldOut,
            bestFace: keepsBest ? heldOut?.memory.bestFace : nil,
            bestVoice: keepsBest ? heldOut?.memory.bestVoice : nil,
            wasStopped: !finished
        )
    }

    /// Saves and makes previews between two steps: when it is time to, and when someone wishes it.
    private func keepAndShow(of steps: Int) throws {
        let wishes = RunWish.allCases.filter { $0.isTaken(in: folder) }
        guard done < steps else { return }  // the end of a run does both
        if done.isMultiple(of: save.every) || wishes.contains(.saveNow) {
            try saveAll(final: false)
        }
        let isDue = previewTimes?.isDue(after: done, of: steps) == true
        if isDue || wishes.contains(.sampleNow) { try preview(isFirst: false) }
    }

    private func measure() throws -> LossMeasure {
        let found = try withRelief { try withAverages { try meter.measure(measured) } }
        tell(.measured(found, step: done))
        return found
    }

    /// What will be overwritten is measured while it is there.
    private func measureBase() throws {
        guard let heldOut, heldOut.memory.base == nil else { return }
        if done > 0 {
            tell(
                .notice(
                    "gains on held-out clips count from step \(done): none were measured before"
                )
            )
        }
        _ = try withRelief { try heldOut.measureBase() }
    }

    /// Looks at held-out clips and at the adapters, when it is time to or the run ends.
    private func look(of steps: Int) throws {
        let isLast = done == steps
        if let heldOut, isLast || done.isMultiple(of: heldOut.every) { try measure(heldOut) }
        if changeInterval > 0, isLast || done.isMultiple(of: changeInterval) {
            let change = try withTorchErrors { AdapterChange(network) }
            tell(.change(change, step: done))
            if let notice = voiceChange.look(change, step: done, of: steps) {
                tell(.notice(notice))
            }
        }
    }

    private func measure(_ heldOut: HeldOutWatch) throws {
        let finding = try withRelief { try withAverages { try heldOut.measure(step: done) } }
        lastHeldOut = finding.result
        tell(.heldOut(finding.result, step: done))
        if let notice = finding.notice { tell(.notice(notice)) }
        guard keepsBest else { return }
        if finding.isBestFace { try saveAdapter(to: folder.bestFace) }
        if finding.isBestVoice { try saveAdapter(to: folder.bestVoice) }
    }

    private func runStep(of steps: Int) throws {
        let position = try source.position
        let batches = try (0..<options.accumulation).map { _ in try source.next() }
        let begun = ContinuousClock.now
        var report: StepReport
        do {
            report = try withRelief { try step.run(batches, after: done) }
        } catch let error as TorchError where error.kind == .outOfMemory {
            throw outOfMemory(error, position)
        }
        report.seconds = (ContinuousClock.now - begun) / .seconds(1)
        report.peakBytes = max(stepPeak, try withTorchErrors { device.peakMemory })
        report.processBytes = ProcessMemory.peak
        done += 1
        tell(.step(report, of: steps))
        try count(report)
        if !hasSettled, let notice = try relief?.settle() { tell(.notice(notice)) }
        hasSettled = true
    }

    func withRelief<R>(_ body: () throws -> R) throws -> R {
        try Training.withRelief(relief, tell: { tell(.notice($0)) }, body)
    }

    private func count(_ report: StepReport) throws {
        try options.strictAudio?.check(step.supervision, after: done)
        failures = report.skipped == nil && report.skippedBlocks == nil ? 0 : failures + 1
        guard failures >= Self.failureLimit else { return }
        throw TrainingError.notFinite(
            step: report.step,
            count: failures,
            report:
                "sigma \(report.videoErrors.map(\.sigma)), clips \(report.clips.joined(separator: ", "))"
        )
    }

    /// Saves what was true before the step; the step itself changed nothing yet.
    private func outOfMemory(_ error: TorchError, _ position: String) -> TrainingError {
        var saved = false
        do {
            try source.restore(position)
            try saveState()
            saved = true
        } catch {
            tell(.notice("the state could not be saved: \(error)"))
        }
        return .outOfMemory(
            step: done + 1,
            device: device.name,
            reason: error.reason,
            saved: saved
        )
    }

    // MARK: - Keeping

    @discardableResult
    private func saveAll(final: Bool) throws -> String {
        let path = final ? folder.adapter : folder.adapter(step: done)
        try saveAdapter(to: path)
        if save.splits { try folder.split(adapter: path) }
        try saveState()
        if !final { try folder.removeOldAdapters(keeping: save.kept) }
        tell(.saved(path: path, step: done))
        return path
    }

    private func saveAdapter(to path: String) throws {
        var metadata = save.metadata
        metadata["training_info"] = #"{"step": \#(done)}"#
        try withAverages {
            try network.write(to: path, save, metadata: metadata)
        }
    }

    /// What others get to see of the weights: the optimizer's averages, if it keeps any.
    func withAverages<R>(_ body: () throws -> R) throws -> R {
        try optimizer.withAverages(of: network.parameters, body)
    }

    private func saveState() throws {
        var progress = RunProgress(
            step: done,
            seed: options.seed,
            position: try source.position,
            audioWeight: step.audioWeight,
            network: network.stateDescription,
            before: before
        )
        progress.optimizer = optimizer.name
        progress.supervision = step.supervision
        progress.heldOut = heldOut?.memory ?? HeldOutMemory()
        try withTorchErrors { try store.save(progress) }
    }

    func tell(_ event: TrainingEvent) {
        for listener in listeners { listener.handle(event) }
    }
}
