import Adapters
import ClipData
import Foundation
import LTXModel
public import ModelHub
public import RunConfig
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
    private let file: RunFile
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
        let checks = unsupported + file.validatePaths()
        if checks.contains(where: { $0.severity == .error }) {
            throw ConfigError(file.diagnostics + checks)
        }
        let folder = RunFolder(path: "\(file.trainingFolder)/\(file.name)", name: file.name)
        let resumed = try resumedState(folder)
        let models = try models ?? ModelFiles.locate(file.model, locator: locator)
        let checkpoint = try models.openCheckpoint()
        let extras = try models.openExtras()
        let seed =
            resumed?.seed ?? file.trainingSeed.map { UInt64(bitPattern: Int64($0)) }
            ?? UInt64.random(in: 0...UInt64(UInt32.max))
        let clips = try await clipPlan(extras, seed: seed)
        try refuseSilence(clips.totals)
        let (device, deviceNote) = chosenDevice()
        return try RunPlan(
            file: file,
            diagnostics: spoken + checks + [deviceNote].compactMap(\.self)
                + modelNotes(checkpoint) + soundNotes(clips.totals),
            folder: folder,
            device: device,
            dtype: DType(file.train.dtype),
            models: models,
            version: checkpoint?.version
                ?? file.model.arch.flatMap { ModelVersion(rawValue: $0.rawValue) },
            transformer: checkpoint?.transformerConfiguration,
            parameterCount: checkpoint?.parameterCount(.transformer) ?? 0,
            clips: clips,
            rules: adapterRules(hasSound: clips.totals.clipsWithSound > 0),
            seed: seed,
            resumed: resumed.map { ($0.step, $0.path) }
        )
    }

    private var unsupported: [Diagnostic] { file.unsupported(by: .today) }

    /// What the run file itself gave rise to, without notes about what is not done anyway.
    private var spoken: [Diagnostic] {
        let hasSamples = Capabilities.today.features.contains(.sampling)
        return file.diagnostics.filter {
            hasSamples || $0.severity != .note || !$0.path.hasPrefix("sample")
        }
    }

    /// A run file that asks for sound in so many words must not end as a run without any.
    private func refuseSilence(_ totals: ClipPlanTotals) throws {
        guard totals.clipsWithSound == 0 else { return }
        let asked = file.datasets.indices.first {
            file.gives("datasets[\($0)].do_audio") && file.datasets[$0].doAudio
        }
        guard let asked else { return }
        throw ConfigError([
            note(
                .error,
                "datasets[\(asked)].do_audio",
                "is true, but none of the \(totals.clips) clips has sound; use clips with sound, "
                    + "or write do_audio: false to train the face alone"
            )
        ])
    }

    private func soundNotes(_ totals: ClipPlanTotals) -> [Diagnostic] {
        guard totals.clipsWithSound > 0, totals.clipsWithoutSound > 0 else { return [] }
        return [
            note(
                .warning,
                "datasets",
                "\(totals.clipsWithoutSound) clips have no sound: their steps teach the face only, "
                    + "and nothing holds the base model's voice meanwhile (voice_preservation comes later)"
            )
        ]
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
        guard let progress = try? RunProgress.read(from: folder.latestState) else { return }
        throw RunStateError.alreadyBegun(folder.path, step: progress.step)
    }

    private func clipPlan(_ extras: Checkpoint?, seed: UInt64) async throws -> ClipPlan {
        var factors = LatentFactors()
        if let extras {
            let scale = try extras.latentScale
            factors.channels = try extras.videoVAEConfiguration.latentChannels
            factors.space = scale.space
            factors.time = scale.time
            factors.audioRate = scale.audioRate
        }
        var indexes: [ClipIndex] = []
        for (number, section) in file.datasets.enumerated() {
            indexes.append(try await ClipIndex.scan(DatasetRules(section, number: number)))
        }
        return try ClipPlan(indexes, factors: factors, seed: seed)
    }

    private func adapterRules(hasSound: Bool) -> AdapterRules {
        var rules = AdapterRules()
        rules.ignoreIfContains = file.network?.ignoreIfContains ?? []
        rules.onlyIfContains = file.network?.onlyIfContains
        rules.includesAudio = hasSound
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

    private func modelNotes(_ checkpoint: Checkpoint?) throws -> [Diagnostic] {
        guard let checkpoint else { return [] }
        if let asked = file.model.arch, asked.rawValue != checkpoint.version.rawValue {
            throw ConfigurationError(
                "\(checkpoint.path): is \(checkpoint.version.title), model.arch says \(asked.rawValue); "
                    + "remove model.arch, or name the other checkpoint"
            )
        }
        guard
            Capabilities.today.architectures.contains(where: {
                $0.rawValue == checkpoint.version.rawValue
            })
        else {
            throw ConfigurationError(
                "\(checkpoint.path): is \(checkpoint.version.title), which this program cannot train yet; "
                    + "use an LTX-2.0 or LTX-2.3 checkpoint"
            )
        }
        let warnings = try CheckpointReport(checkpoint).warnings
        return warnings.map { note(.warning, "model.name_or_path", $0) }
    }

    private func note(
        _ severity: Diagnostic.Severity,
        _ path: String,
        _ message: String
    ) -> Diagnostic {
        Diagnostic(
            severity: severity,
            file: file.fileName,
            line: file.line(of: path),
            path: path,
            message: message,
            fix: ""
        )
    }
}
