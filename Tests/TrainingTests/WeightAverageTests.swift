import Adapters
import Foundation
import RunFiles
import Safetensors
import Testing
import Torch

@testable import Training

/// Running means of the weights: what is saved and measured in place of what trains.
@Suite("Mean of the weights") struct WeightAverageTests {
    private static func averaged(_ decay: Double) -> OptimizerKinds.Make {
        var options = WeightAverage.Options()
        options.decay = decay
        return { WeightAverage(of: $0, AdamW($0), options: options) }
    }

    @Test("the mean is the sum of all places so far, each weighing less the older it is")
    func mean() throws {
        try withTorchErrors {
            let scene = OptimizerScene()
            let optimizer = Self.averaged(0.8)(scene.parameters)
            var expected = scene.parameters[0].floats().map(Double.init)
            for number in 1...20 {
                scene.step(optimizer, number, rate: 1e-2)
                expected = zip(expected, scene.parameters[0].floats()).map {
                    0.8 * $0 + 0.2 * Double($1)
                }
            }
            let mean = try #require(optimizer.averages(of: scene.parameters))[0].floats()
            let error = zip(mean, expected).map { abs(Double($0) - $1) }.max()
            #expect(try #require(error) < 1e-6)
            // Weights that have no gradient have a mean too.
            #expect(optimizer.averages(of: scene.parameters)?.count == 4)
        }
    }

    @Test("feedback pulls the weights as far as the mean moves, and the multiplier scales them")
    func feedback() throws {
        try withTorchErrors {
            var options = WeightAverage.Options()
            options.decay = 0.75
            options.hasFeedback = true
            options.multiplier = 0.5
            let parameter = Tensor([Float(1)])
            let optimizer = WeightAverage(
                of: [parameter],
                Lion([parameter]),
                options: options
            )
            optimizer.step(parameters: [parameter], gradients: [Tensor([Float(1)])], rates: [0.5])
            // The step leads to 0.5; the mean goes a quarter of the way there, the weight as far back.
            #expect(optimizer.averages(of: [parameter])?[0].item() == 0.875)
            #expect(parameter.item() == 0.5 * (0.5 + 0.125))
        }
    }

    @Test("adapters and measurements are of the mean, training and state of the live weights")
    func saved() throws {
        let places = try (0..<2).map { _ in try TemporaryFolder() }
        let plain = try TestRun(in: places[0])
        let run = try TestRun(in: places[1], optimizer: Self.averaged(0.5))
        for trainer in [plain.trainer, run.trainer] {
            trainer.measured = [TrainingFixture.batch([try TestRun.clips()[0]])]
        }
        let without = try plain.trainer.run(steps: 4)
        let result = try run.trainer.run(steps: 4)

        #expect(try run.bytes == plain.bytes)
        #expect(result.before == without.before)
        #expect(result.after != without.after)
        #expect(run.events.steps.map(\.videoLoss) == plain.events.steps.map(\.videoLoss))

        #expect(try places[1].names("run") == ["run.safetensors", "state"])
        let file = try SafetensorsFile(path: run.folder.adapter)
        let state = try SafetensorsFile(path: run.folder.latestState + "/optimizer.safetensors")
        try withTorchErrors {
            let name =
                "diffusion_model.transformer_blocks.0.attn1.to_q.lora_A.weight"
            let index = try #require(
                run.network.parameters.indices.first {
                    run.network.members[$0 / 2].layer.path == "transformer_blocks.0.attn1.to_q"
                }
            )
            let mean = try Tensor(reading: "average.\(index)", from: state)
            #expect(try Tensor(reading: name, from: file).bytes() == mean.bytes())
            #expect(mean.bytes() != run.network.parameters[index].bytes())
        }
        // A folder goes away with its last use.
        withExtendedLifetime(places) {}
    }

    @Test(
        "five and five steps are ten, with a mean and with schedule-free AdamW",
        arguments: [0, 1]
    )
    func resumed(kind: Int) throws {
        let make = [Self.averaged(0.9), OptimizerKinds.scheduleFree()][kind]
        let (first, second) = try (TemporaryFolder(), TemporaryFolder())
        let whole = try TestRun(in: first, optimizer: make)
        _ = try whole.trainer.run(steps: 10)
        let begun = try TestRun(in: second, optimizer: make)
        _ = try begun.trainer.run(steps: 5)
        let rest = try TestRun(in: second, optimizer: make)
        try rest.trainer.resume(from: rest.folder.latestState)
        _ = try rest.trainer.run(steps: 10)
        #expect(try rest.bytes == whole.bytes)
        #expect(
            try Data(contentsOf: URL(fileURLWithPath: whole.folder.adapter))
                == Data(contentsOf: URL(fileURLWithPath: rest.folder.adapter))
        )
    }

    @Test("a state of another optimizer is refused with both names")
    func otherOptimizer() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, only: ["attn1.to_q"])
        _ = try run.trainer.run(steps: 1)
        let other = try TestRun(
            in: place,
            only: ["attn1.to_q"],
            optimizer: Self.averaged(0.9)
        )
        let state = other.folder.latestState
        let error = #expect(throws: RunStateError.self) { try other.trainer.resume(from: state) }
        #expect(
            try #require(error).description
                == "\(state): does not fit this run: its optimizer is adamw, this run's is adamw with a mean of the weights; bring the run file back, or start without --resume"
        )
    }

    @Test("an optimizer that finds its rate reports the rate times what it found")
    func rate() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(
            in: place,
            change: { $0.rate = 0.5 },
            optimizer: OptimizerKinds.prodigy()
        )
        _ = try run.trainer.run(steps: 15)
        let rates = run.events.steps.map(\.rate)
        #expect(rates[0] == 0.5e-6)
        #expect(try #require(rates.last) > 2 * rates[0], "\(rates)")
        #expect(run.events.steps.map(\.audioRate) == rates)
    }
}
