import LTXModel
import Safetensors
import Testing
import Torch

@testable import Training

/// Against five steps of torch's AdamW on all weights of diffusers' model.
@Suite("Recorded training of weights") struct RecordedWeightTrainingTests {
    private let batch = try? TrainingFixture.file("ltx23_training_io")

    private func given(_ name: String) throws -> Tensor {
        try Tensor(reading: name, from: #require(batch))
    }

    /// Noisy tokens and target of one step.
    private func noisy(_ modality: String, _ step: Int) throws -> (
        input: ModalityInput, target: Tensor
    ) {
        let clean = try given("in.clean.\(modality)")
        let noise = try given("in.noise.\(modality)").select(0, step)
        let sigma = try given("in.sigma.\(modality)").select(0, step)
        let share = sigma.reshape(2, 1, 1)
        let input = ModalityInput(
            latent: clean * (share * -1 + 1) + noise * share,
            sigma: sigma,
            text: try given("in.context.\(modality)")
        )
        return (input, noise - clean)
    }

    private func step(
        _ number: Int,
        _ pass: BlockwisePass,
        _ update: BlockwiseUpdate
    ) throws -> (video: Double, audio: Double) {
        let (video, audio) = try (noisy("video", number), noisy("audio", number))
        var input = TransformerInput(
            video: video.input,
            audio: audio.input,
            grid: VideoGrid(frames: 3, height: 2, width: 3, fps: 24)
        )
        input.crossModulation = .own
        var found = (video: 0.0, audio: 0.0)
        pass.accumulate(input, into: update) { velocities in
            func loss(_ velocity: Tensor?, _ target: Tensor) -> Tensor {
                let error = (velocity ?? .zeros(target.shape)) - target
                return (error * error).mean()
            }
            let losses = (
                loss(velocities.video, video.target), loss(velocities.audio, audio.target)
            )
            found = (losses.0.detach().item(), losses.1.detach().item())
            return losses.0 + losses.1
        }
        return found
    }

    @Test("five losses and the last weights agree, in the blocks and around them")
    func fiveSteps() throws {
        try withTorchErrors {
            let scene = try WeightScene()
            let pass = BlockwisePass(
                scene.transformer,
                layout: scene.weights.layout { _ in true },
                checkpointing: .all
            )
            var options = AdamW.Options()
            options.epsilon = 1e-8
            let optimizer = AdamW(scene.weights.parameters, options: options)
            let losses = try (0..<5).map { number in
                let change = ParameterChange(
                    optimizer: optimizer,
                    parameters: scene.weights.parameters,
                    rates: scene.weights.parameters.map { _ in 1e-3 },
                    maxNorm: 0,
                    place: (0, number)
                )
                let sides = scene.weights.pathways.map { _ in false }
                return try step(number, pass, BlockwiseUpdate(change, writesAudio: sides))
            }
            let recorded = try TrainingFixture.file("ltx23_finetuning_io")
            for (values, name) in [(losses.map(\.video), "video"), (losses.map(\.audio), "audio")] {
                let found = Tensor(values.map { Float($0) })
                let expected = try Tensor(reading: "loss.\(name)", from: recorded)
                #expect(found.relativeDifference(from: expected) <= 1e-4, "\(name)")
            }
            var compared = 0
            for weight in scene.named where recorded.info("final." + weight.name) != nil {
                let expected = try Tensor(reading: "final." + weight.name, from: recorded)
                let difference = weight.tensor.detach().relativeDifference(from: expected)
                #expect(difference <= 1e-3, "\(weight.name) \(difference)")
                compared += 1
            }
            #expect(compared == 18)
        }
    }
}
