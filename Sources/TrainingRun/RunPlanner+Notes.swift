import ClipData
import Foundation
import LTXModel
import RunConfig

/// What a plan has to say beyond the run file's own faults.
extension RunPlanner {
    var unsupported: [Diagnostic] { file.unsupported(by: .today) }

    /// What previews lack in a checkpoint.
    func previewNotes(_ extras: Checkpoint?) -> [Diagnostic] {
        guard let extras, file.sample != nil, !file.train.disableSampling else { return [] }
        guard extras.hasVideoDecoder else {
            let text = "\(extras.path) holds no video decoder: no previews are made; "
            return [
                note(
                    .warning,
                    "sample",
                    text + "name a whole checkpoint in model.extras_name_or_path"
                )
            ]
        }
        guard !extras.canMakeSound else { return [] }
        let text = "\(extras.path) holds no audio decoder or no vocoder: previews are silent; "
        return [
            note(.warning, "sample", text + "name a whole checkpoint in model.extras_name_or_path")
        ]
    }

    /// A run file that asks for sound in so many words must not end as a run without any.
    func refuseSilence(_ totals: ClipPlanTotals) throws {
        guard totals.clipsWithSound == 0 else { return }
        let asked = file.datasets.indices.first {
            file.gives("datasets[\($0)].do_audio") && file.datasets[$0].doAudio
        }
        guard let asked else { return }
        throw ConfigError([
            note(
                .error,
                "datasets[\(asked)].do_audio",
                "is true, but no clip has sound (\(totals.clips) looked at); use clips with sound, "
                    + "or write do_audio: false to train the face alone"
            )
        ])
    }

    /// Regularisation keeps what the model knows; it teaches nothing.
    func refuseRegularisationAlone(_ clips: ClipPlan) throws {
        guard clips.datasets.allSatisfy(\.isRegularisation) else { return }
        throw ConfigError([
            note(
                .error,
                "datasets",
                "are all regularisation sets, should show the character in one at least; "
                    + "remove is_reg from it"
            )
        ])
    }

    func soundNotes(_ clips: ClipPlan) -> [Diagnostic] {
        let totals = clips.totals
        guard clips.isMixed else { return [] }
        let silent = clips.silentFiles
        if file.train.videoLossMultiplier == 0 {
            return [
                note(
                    .warning,
                    "datasets",
                    "\(silent) of \(totals.clips) clips without sound: their steps teach nothing, as "
                        + "video_loss_multiplier is 0; leave them out"
                )
            ]
        }
        let preserves = file.network != nil && file.train.preservesVoice
        let kept =
            preserves
            ? "the base model's voice is kept on them (voice_preservation)"
            : "and nothing holds the base model's voice meanwhile (\(reasonForNoVoice))"
        return [
            note(
                preserves ? .note : .warning,
                "datasets",
                "\(silent) of \(totals.clips) clips without sound: their steps teach the face only, \(kept)"
            )
        ]
    }

    private var reasonForNoVoice: String {
        file.network == nil
            ? "voice_preservation is off: it needs the frozen base model, and without a network section the "
                + "transformer itself is trained"
            : "voice_preservation is off"
    }

    func heldOutNotes(_ heldOut: ClipPlan?) -> [Diagnostic] {
        guard let heldOut, heldOut.totals.clipsWithSound == 0,
            file.datasets.contains(where: \.doAudio)
        else { return [] }
        return [
            note(
                .warning,
                "train.held_out",
                "no held-out clip has sound, so nothing will say whether the voice is learned"
            )
        ]
    }

    /// Transformer and encoders may come from two places, but not from two kinds of model.
    func checkParts(_ checkpoint: Checkpoint?, _ extras: Checkpoint?) throws {
        guard let checkpoint, let extras else { return }
        let transformer = try checkpoint.transformerConfiguration
        let pairs = try [
            ("video", transformer.video.channels, extras.videoVAEConfiguration.latentChannels),
            ("audio", transformer.audio.channels, extras.audioVAEConfiguration.latentWidth),
        ]
        for (name, taken, given) in pairs where taken != given {
            throw ConfigurationError(
                "\(extras.path): its \(name) VAE gives \(given) channels, the transformer of "
                    + "\(checkpoint.path) takes \(taken); use parts of one model"
            )
        }
    }

    func modelNotes(_ checkpoint: Checkpoint?) throws -> [Diagnostic] {
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

    func note(
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
