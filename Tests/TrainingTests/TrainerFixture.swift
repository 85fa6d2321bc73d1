import Adapters
import ClipCache
import Foundation
import LTXModel
import RunFiles
import Safetensors
import Torch

@testable import Training

/// A whole run on drawn clips.
final class TestRun {
    let folder: RunFolder
    let transformer: Transformer
    let meter: LossMeter
    let network: AdapterNetwork
    let trainer: Trainer
    let events = EventList()

    init(
        in place: TemporaryFolder,
        name: String = "run",
        items: [TrainingItem]? = nil,
        every: Int = 100,
        kept: Int = 2,
        splits: Bool = false,
        only: [String]? = nil,
        batchSize: Int = 1,
        includesAudio: Bool = true,
        filled: Bool = false,
        decay: Double = 0.01,
        transformer given: Transformer? = nil,
        change: (inout StepOptions) -> Void = { _ in },
        optimizer: (([Tensor]) -> any Optimizer)? = nil
    ) throws {
        folder = RunFolder(path: place.path + "/" + name, name: name)
        try folder.make()
        transformer = try given ?? TrainingFixture.transformer()
        network = try TrainingFixture.network(
            transformer,
            only: only,
            dropout: AdapterDropout(rank: 0.2),
            includesAudio: includesAudio,
            filled: filled
        )
        var options = StepOptions()
        options.rate = 1e-3
        options.seed = 5
        options.balance = .runningMeans
        change(&options)
        var save = SaveOptions()
        save.every = every
        save.kept = kept
        save.splits = splits
        save.dtype = .float32
        let clips = try items ?? Self.clips()
        var moments = AdamW.Options()
        moments.decay = decay
        var choices = FlowMatching.Options()
        choices.hasSound = includesAudio
        choices.audioChannels = 8
        let noise = FlowMatching(options: choices, device: .cpu, seed: options.seed)
        meter = LossMeter(transformer: transformer, network: network, noise: noise)
        trainer = Trainer(
            transformer: transformer,
            network: network,
            optimizer: optimizer?(network.parameters)
                ?? AdamW(network.parameters, options: moments),
            source: ListSource(
                stride(from: 0, to: clips.count, by: batchSize).map {
                    TrainingFixture.batch(Array(clips[$0..<min($0 + batchSize, clips.count)]))
                }
            ),
            noise: noise,
            options: options,
            save: save,
            folder: folder,
            device: .cpu
        )
        trainer.listeners = [events]
    }

    static func clips() throws -> [TrainingItem] {
        try [
            TrainingFixture.item("a", seed: 1), TrainingFixture.item("b", seed: 2, firstFrame: 0.5),
            TrainingFixture.item("c", seed: 3),
        ]
    }

    /// A clip whose loss is no number.
    static func broken() throws -> TrainingItem {
        let whole = try TrainingFixture.item("broken", seed: 1)
        let values = whole.video.values.map { _ in Float.nan }
        return TrainingItem(
            name: "broken",
            video: FloatBuffer(shape: whole.video.shape, values: values),
            audio: whole.audio,
            text: whole.text
        )
    }

    /// All bytes that the run trains.
    var bytes: [[UInt8]] {
        get throws { try withTorchErrors { network.parameters.map { $0.detach().bytes() } } }
    }
}
