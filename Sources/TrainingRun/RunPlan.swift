public import Adapters
public import ClipData
import Foundation
public import LTXModel
public import RunConfig
public import RunFiles
public import Torch

/// Everything a run will do, resolved before the first weight is read.
public struct RunPlan {
    /// The run file, typed.
    public let file: RunFile
    /// Warnings and notes of the run file and of the checks below, in reading order.
    public let diagnostics: [Diagnostic]
    /// Where results go.
    public let folder: RunFolder
    /// Where the model runs.
    public let device: Device
    /// Element type of weights and activations.
    public let dtype: DType
    /// The model files, as far as they are on this machine.
    public let models: ModelFiles
    /// Version of the model; nil if it is not on this machine yet and the run file does not say.
    public let version: ModelVersion?
    /// Sizes of the transformer; nil if it is not on this machine yet.
    public let transformer: TransformerConfiguration?
    /// Bytes of the transformer's weights as they are kept while training.
    public let weightBytes: Int
    /// Bytes of the linear layers of each of its blocks.
    public let blockBytes: [Int]
    /// What will be trained on.
    public let clips: ClipPlan
    /// What is only measured; nil if nothing is held out.
    public let heldOut: ClipPlan?
    /// Windows whose sound is in the cache; nil before they were decoded.
    public var heardWindows: Int?
    /// Windows that should have sound and have none; nil before they were decoded.
    public var unheardWindows: Int?
    /// How much of the transformer is trained, where it is trained itself and on this machine.
    public var weightSizes: WeightSizes?
    /// Which layers get adapters.
    public var rules: AdapterRules
    /// Seed of everything random.
    public let seed: UInt64
    /// Step and folder of the saved state that the run goes on from.
    public let resumed: (step: Int, path: String)?

    /// Whether any clip of the run has sound that is learned from.
    public var hasSound: Bool { (heardWindows ?? clips.totals.clipsWithSound) > 0 }

    /// The plan after all clips were decoded: a silent track is known only then.
    ///
    /// - Throws: `ModelInputError` if the run file asks for sound and every track is silent.
    func heard(_ windows: Int, unheard: Int) throws -> RunPlan {
        var plan = self
        plan.heardWindows = windows
        plan.unheardWindows = unheard
        plan.rules.includesAudio = windows > 0 && file.train.teachesSound
        let asks = file.datasets.indices.contains {
            file.gives("datasets[\($0)].do_audio") && file.datasets[$0].doAudio
        }
        guard windows == 0, hasSound, asks else { return plan }
        throw ModelInputError(
            "datasets: do_audio is true, but every sound track is silent or cannot be decoded; "
                + "use clips with sound, or write do_audio: false to train the face alone"
        )
    }

    /// The `network` section; one at its defaults where the transformer itself is trained.
    public var network: NetworkSection { file.network ?? NetworkSection() }
}

/// The program itself.
public enum Likeness {
    /// Its version.
    public static let version = "0.1.0"
}
