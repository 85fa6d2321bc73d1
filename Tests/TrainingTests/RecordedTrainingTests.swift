import Adapters
import LTXModel
import Safetensors
import Testing
import Torch

@testable import Training

/// Against ten optimizer steps of peft's adapters on diffusers' model with torch's AdamW.
@Suite("Recorded training") struct RecordedTrainingTests {
    private func recorded(_ name: String) throws -> Tensor {
        try Tensor(reading: name, from: TrainingFixture.file("ltx23_training_io"))
    }

    private func network(_ transformer: Transformer) throws -> AdapterNetwork {
        let network = try TrainingFixture.network(
            transformer,
            only: [".to_q", ".to_k", ".to_v", ".to_out"]
        )
        for member in network.members {
            let adapter = try #require(member.adapter as? LowRankAdapter)
            let start = try recorded("init.\(member.layer.path).lora_A.weight")
            withoutGradients { adapter.down.copy(from: start) }
        }
        return network
    }

    /// Noisy tokens and target of one step.
    private func noisy(_ modality: String, _ step: Int) throws -> (
        tokens: Tensor, target: Tensor, sigma: Tensor
    ) {
        let clean = try recorded("in.clean.\(modality)")
        let noise = try recorded("in.noise.\(modality)").select(0, step)
        let sigma = try recorded("in.sigma.\(modality)").select(0, step)
        let share = sigma.reshape(2, 1, 1)
        return (clean * (share * -1 + 1) + noise * share, noise - clean, sigma)
    }

    private struct Step {
        var video = 0.0
        var audio = 0.0
        var norm = 0.0
    }

    private func run(
        _ number: Int,
        _ pass: BlockwisePass,
        _ optimizer: AdamW,
        _ network: AdapterNetwork
    ) throws -> Step {
        let (video, audio) = try (noisy("video", number), noisy("audio", number))
        var input = try TransformerInput(
            video: ModalityInput(
                latent: video.tokens,
                sigma: video.sigma,
                text: recorded("in.context.video")
            ),
            audio: ModalityInput(
                latent: audio.tokens,
                sigma: audio.sigma,
                text: recorded("in.context.audio")
            ),
            grid: VideoGrid(frames: 3, height: 2, width: 3, fps: 24)
        )
        input.crossModulation = .own

        var found = Step()
        let sums = GradientSums(count: network.parameters.count)
        pass.accumulate(input, into: sums) { velocities in
            func loss(_ velocity: Tensor?, _ target: Tensor) -> Tensor {
                let error = (velocity ?? .zeros(target.shape)) - target
                return (error * error).mean()
            }
            let losses = (
                loss(velocities.video, video.target), loss(velocities.audio, audio.target)
            )
            found.video = losses.0.detach().item()
            found.audio = losses.1.detach().item()
            return losses.0 + losses.1
        }
        found.norm = Tensor.totalNorm(sums.values.compactMap(\.self)).item()
        if found.norm > 1 {
            for gradient in sums.values { gradient?.scale(by: 1 / (found.norm + 1e-6)) }
        }
        withoutGradients {
            optimizer.step(
                parameters: network.parameters,
                gradients: sums.values,
                rates: network.parameters.map { _ in 1e-3 }
            )
        }
        return found
    }

    @Test("ten losses, gradient norms and the final matrices agree", arguments: [true, false])
    func tenSteps(checkpointing: Bool) throws {
        try withTorchErrors {
            let transformer = try TrainingFixture.transformer()
            let network = try network(transformer)
            let pass = BlockwisePass(
                transformer,
                layout: ParameterLayout(network),
                checkpointing: checkpointing ? .all : .none
            )
            var options = AdamW.Options()
            options.epsilon = 1e-8
            let optimizer = AdamW(network.parameters, options: options)

            let steps = try (0..<10).map { try run($0, pass, optimizer, network) }

            func expect(_ values: [Double], _ name: String, _ tolerance: Double) throws {
                let found = Tensor(values.map(Float.init))
                #expect(found.relativeDifference(from: try recorded(name)) <= tolerance, "\(name)")
            }
            try expect(steps.map(\.video), "loss.video", 1e-4)
            try expect(steps.map(\.audio), "loss.audio", 1e-4)
            try expect(steps.map(\.norm), "gradient_norm", 1e-3)
            try expectFinal(network)
        }
    }

    private func expectFinal(_ network: AdapterNetwork) throws {
        let file = try TrainingFixture.file("ltx23_training_io")
        var compared = 0
        for member in network.members {
            for (name, parameter) in zip(member.adapter.parameterNames, member.adapter.parameters) {
                let final = "final.\(member.layer.path).\(name)"
                guard file.info(final) != nil else { continue }
                #expect(parameter.relativeDifference(from: try recorded(final)) <= 1e-3, "\(final)")
                compared += 1
            }
        }
        #expect(compared == 10)
    }
}
