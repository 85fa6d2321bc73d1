import Adapters
import ClipData
import Foundation
import LTXModel
public import ModelHub
public import RunConfig
import RunFiles
import Torch
import Training

/// Where a run goes on from.
public enum ResumePoint: Equatable, Sendable {
    /// The newest state of the run's own folder.
    case latest
    /// A state folder.
    case folder(String)
}

/// Resolves a run file into a plan; reads headers and probes clips, never weights.
public struct RunPlanner {
    let file: RunFile
    private let resume: ResumePoint?
    private let overwrites: Bool
    private let locator: ModelLocator

    /// A planner for a run file.
    ///
    /// - Parameters:
    ///   - file: the run file.
    ///   - resume: a saved state to go on from.
    ///   - overwrites: whether a run that was begun before is no obstacle.
    ///   - locator: finds models.
    public init(
        _ file: RunFile,
        resume: ResumePoint? = nil,
        overwrites: Bool = false,
        locator: ModelLocator = ModelLocator()
    ) {
        self.file = file
        self.resume = resume
        self.overwrites = overwrites
        self.locator = locator
    }

    /// Makes the plan.
    ///
    /// - Parameter models: found or downloaded before; nil looks for them on this machine.
    /// - Returns: everything resolved.
    /// - Throws: `ConfigError` with all faults of the run file, or what is wrong with model or clips.
    public func plan(models: ModelFiles? = nil) async throws -> RunPlan {
        let checks = unsupported + weightChecks + file.validatePaths()
        if checks.contains(where: { $0.severity == .error }) {
            throw ConfigError(file.diagnostics + checks)
        }
        let folder = RunFolder(path: "\(file.trainingFolder)/\(file.name)", name: file.name)
        let resumed = try resumedState(folder)
        let models = try models ?? ModelFiles.locate(file.model, locator: locator)
        let checkpoint = try models.openCheckpoint()
        let extras = try models.openExtras()
        try checkParts(checkpoint, extras)
        if file.network == nil { try checkpoint?.refuseCodes() }
        let seed =
            resumed?.seed ?? file.trainingSeed.map { UInt64(bitPattern: Int64($0)) }
            ?? UInt64.random(in: 0...UInt64(UInt32.max))
        let (clips, heldOut) = try await clipPlans(extras, seed: seed)
        try refuseSilence(clips.totals)
        try refuseRegularisationAlone(clips)
        let (device, deviceNote) = chosenDevice()
        var plan = try RunPlan(
            file: file,
            diagnostics: file.diagnostics + checks + [deviceNote].compactMap(\.self)
                + modelNotes(checkpoint) + previewNotes(extras) + soundNotes(clips)
                + heldOutNotes(heldOut),
            folder: folder,
            device: device,
            dtype: DType(file.train.dtype),
            models: models,
            version: checkpoint?.version
                ?? file.model.arch.flatMap { ModelVersion(rawValue: $0.rawValue) },
            transformer: checkpoint?.transformerConfiguration,
            weightBytes: checkpoint?.transformerBytes(
                dtype: DType(file.train.dtype),
                quantization: file.model.transformerRules
            ) ?? 0,
            blockBytes: checkpoint?.blockBytes(
                dtype: DType(file.train.dtype),
                quantization: file.model.transformerRules
            ) ?? [],
            clips: clips,
            heldOut: heldOut,
            rules: adapterRules(hasSound: clips.totals.clipsWithSound > 0),
            seed: seed,
            resumed: resumed.map { ($0.step, $0.path) }
        )
        if plan.trainsWeights { plan.weightSizes = try checkpoint.map(plan.weightSizes) }
        return plan
    }

    private func resumedState(
        _ folder: RunFolder
    ) throws -> (step: Int, path: String, seed: UInt64)? {
        let path: String
        switch resume {
        case nil:
            if !overwrites { try refuseToOverwrite(folder) }
            return nil
        case .latest: path = folder.latestState
        case .folder(let given): path = given
        }
        let progress = try RunProgress.read(from: path)
        guard progress.step < file.train.steps else {
            throw RunStateError.alreadyDone(path, step: progress.step)
        }
        return (progress.step, path, progress.seed)
    }

    /// A run that was begun is never overwritten unasked.
    private func refuseToOverwrite(_ folder: RunFolder) throws {
        guard FileManager.default.fileExists(atPath: folder.latestState) else { return }
        let progress = try RunProgress.read(from: folder.latestState)
        throw RunStateError.alreadyBegun(folder.path, step: progress.step)
    }

    /// What is trained on, and what is only measured.
    private func clipPlans(
        _ extras: Checkpoint?,
        seed: UInt64
    ) async throws -> (training: ClipPlan, heldOut: ClipPlan?) {
        let factors = try extras?.latentFactors ?? LatentFactors()
        var indexes: [ClipIndex] = []
        for (number, section) in file.datasets.enumerated() {
            indexes.append(try await ClipIndex.scan(DatasetRules(section, number: number)))
        }
        let division = try await divided(indexes)
        let heldOut = division.heldOut.isEmpty ? nil : division.heldOut
        return (
            try ClipPlan(division.training, factors: factors, seed: seed),
            try heldOut.map { try ClipPlan($0, factors: factors, seed: seed) }
        )
    }

    private func divided(_ indexes: [ClipIndex]) async throws -> ClipDivision {
        switch file.train.heldOut {
        case .ratio(let share): return try ClipDivision(indexes, by: .share(share))
        case .clips(let names): return try ClipDivision(indexes, by: .named(names))
        case .folder(let path):
            var rules =
                indexes.map(\.rules).first { !$0.isRegularisation } ?? DatasetRules(path: path)
            rules.path = path
            rules.label = "train.validation_folder"
            rules.measuresOnly()
            return ClipDivision(training: indexes, heldOut: [try await ClipIndex.scan(rules)])
        case nil: return ClipDivision(training: indexes, heldOut: [])
        }
    }

    private func adapterRules(hasSound: Bool) -> AdapterRules {
        var rules = AdapterRules()
        rules.ignoreIfContains = file.network?.ignoreIfContains ?? []
        rules.onlyIfContains = file.network?.onlyIfContains
        rules.leastParameters = file.network?.parameterThreshold ?? 0
        rules.pathways = file.network?.pathways.map {
            Set($0.compactMap { Pathway(rawValue: $0.rawValue) })
        }
        if file.train.trainTextEncoder, var chosen = rules.pathways {
            if chosen.contains(.video) { chosen.insert(.videoConnector) }
            if chosen.contains(.audio) { chosen.insert(.audioConnector) }
            rules.pathways = chosen
        }
        // What gets no loss gets no adapter either.
        if file.train.videoLossMultiplier == 0 {
            rules.pathways = (rules.pathways ?? Set(Pathway.allCases)).filter(\.writesAudio)
        }
        rules.includesAudio = hasSound && file.train.teachesSound
        return rules
    }

    /// The run file's device, or the best one here; ai-toolkit takes `cuda` for granted.
    private func chosenDevice() -> (Device, Diagnostic?) {
        let best = Device.available.first ?? .cpu
        guard file.device != "auto" else { return (best, nil) }
        let asked = Device(file.device)
        guard !asked.isAvailable else { return (asked, nil) }
        return (best, note(.warning, "device", "\(asked) is not on this machine: \(best) is used"))
    }
}
