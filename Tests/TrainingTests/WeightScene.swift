import LTXModel
import RunFiles
import Torch

@testable import Training

/// A recorded model whose own weights are trained, on drawn clips.
final class WeightScene {
    let transformer: Transformer
    let weights: TransformerWeights
    let named: [NamedWeight]
    let noise = FlowMatching(options: WeightScene.noise, device: .cpu, seed: 5)
    var options = StepOptions()

    private static var noise: FlowMatching.Options {
        var options = FlowMatching.Options()
        options.audioChannels = 8
        return options
    }

    init(
        dtype: DType = .float32,
        rules: WeightRules = WeightRules(),
        model: String = "ltx23"
    ) throws {
        let path = "\(TrainingFixture.recordings)/\(model)_single.safetensors"
        let checkpoint = try Checkpoint(path: path)
        (transformer, named) = try checkpoint.transformerWithWeights(dtype: dtype, device: .cpu)
        weights = try TransformerWeights(
            named,
            rules: rules,
            metadata: checkpoint.singleFileMetadata
        )
        options.rate = 1e-3
        options.seed = 5
        options.maxGradientNorm = 0
        options.gradientUse = .blockwise
    }

    func step(_ make: ([Tensor]) -> any Optimizer) throws -> TrainingStep {
        TrainingStep(
            transformer: transformer,
            network: weights,
            optimizer: try withTorchErrors { make(weights.parameters) },
            noise: noise,
            options: options
        )
    }

    func trainer(_ folder: RunFolder, _ make: ([Tensor]) -> any Optimizer) throws -> Trainer {
        try folder.make()
        var save = SaveOptions()
        save.dtype = .float32
        save.every = 100
        return Trainer(
            transformer: transformer,
            network: weights,
            optimizer: try withTorchErrors { make(weights.parameters) },
            source: ListSource(try Self.batches()),
            noise: noise,
            options: options,
            save: save,
            folder: folder,
            device: .cpu
        )
    }

    static func batches() throws -> [TrainingBatch] {
        try [
            TrainingFixture.batch([
                TrainingFixture.item("a", seed: 1),
                TrainingFixture.item("b", seed: 2, firstFrame: 1),
            ]),
            TrainingFixture.batch([TrainingFixture.item("c", seed: 3)]),
        ]
    }

    /// The same step over one record of everything: all gradients, then the optimizer.
    func plainStep(_ optimizer: any Optimizer, _ batch: TrainingBatch, done: Int) throws {
        try withTorchErrors {
            let noisy = try noise.noisy(batch, at: FlowMatching.Place(step: done, part: 0))
            let loss = recordingGradients {
                let seen = transformer(noisy.input)
                let video = seen.video.map { noisy.video.loss(noisy.video.errors(of: $0)) }
                let audio = seen.audio.flatMap { heard in
                    noisy.audio.map { $0.loss($0.errors(of: heard)) }
                }
                return (video ?? .zeros([])) + (audio ?? .zeros([]))
            }
            let found = gradients(
                of: [loss],
                seeds: [Tensor.full([], 1)],
                for: weights.parameters
            )
            withoutGradients {
                optimizer.step(
                    parameters: weights.parameters,
                    gradients: found,
                    rates: weights.parameters.map { _ in options.rate }
                )
            }
        }
    }

    var bytes: [[UInt8]] {
        get throws { try withTorchErrors { weights.parameters.map { $0.detach().bytes() } } }
    }
}
