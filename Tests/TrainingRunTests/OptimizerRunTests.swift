import Foundation
import RunConfig
import Safetensors
import Testing
import Training
import TrainingRun

/// Optimizers, courses of the rate and means of the weights, as a run file asks for them.
@Suite("Optimizers of runs", .serialized) struct OptimizerRunTests {
    /// One for each file of an optimizer, with the parameters that it knows.
    private static let lines = [
        ["optimizer: adam", "optimizer_params: {betas: [0.8, 0.9], eps: 1e-7, weight_decay: 0.1}"],
        ["optimizer: adamw8bit"],
        ["optimizer: ademamix8bit", "optimizer_params: {betas: [0.9, 0.99, 0.999], alpha: 2}"],
        ["optimizer: lion", "optimizer_params: {weight_decay: 0.1}"],
        ["optimizer: adagrad", "optimizer_params: {lr_decay: 0.1}"],
        ["optimizer: adafactor", "optimizer_params: {beta1: 0.9, scale_parameter: true}"],
        ["optimizer: adafactor", "optimizer_params: {relative_step: true, warmup_init: true}"],
        ["optimizer: prodigyopt", "optimizer_params: {d_coef: 2, safeguard_warmup: true}"],
        ["optimizer: prodigy8bit", "optimizer_params: {d0: 1e-5, growth_rate: 1.5}"],
        ["optimizer: dadaptation", "optimizer_params: {decouple: true, weight_decay: 0.1}"],
        ["optimizer: dadaptationlion", "optimizer_params: {d0: 1e-5}"],
        ["optimizer: adamw_schedulefree", "optimizer_params: {warmup_steps: 2, r: 1}"],
        ["ema_config: {use_ema: true, ema_decay: 0.9, use_feedback: true}"],
    ]

    @Test("each optimizer trains: finite losses, adapters that have moved, a state")
    func trains() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        for (number, lines) in Self.lines.enumerated() {
            let file = try scene.runFile(3, train: lines, name: "run\(number)")
            let result = try await scene.train(file)
            #expect(result.step == 3, "\(lines)")
            let losses = try scene.losses("run\(number)")
            #expect(losses.count == 3 && losses.allSatisfy { $0.allSatisfy(\.isFinite) })
            let adapter = try SafetensorsFile(path: result.adapter)
            let up = try #require(adapter.names.first { $0.hasSuffix("lora_B.weight") })
            #expect(try adapter.floats(up).contains { $0 != 0 }, "\(lines)")
        }
    }

    @Test(
        "five and five steps are ten, bit for bit",
        arguments: [
            ["optimizer: prodigy8bit", "optimizer_params: {d0: 1e-4}"],
            ["optimizer: adamw8bit", "ema_config: {use_ema: true, ema_decay: 0.9}"],
            ["optimizer: adamw_schedulefree"],
        ]
    )
    func tenIsFiveAndFive(lines: [String]) async throws {
        let course = ["lr_scheduler_params: {num_warmup_steps: 2}"]
        let whole = try RunScene()
        try whole.addClips(2)
        let result = try await whole.train(whole.runFile(10, train: lines + course))

        let parts = try RunScene()
        try parts.addClips(2)
        try await parts.train(parts.runFile(5, train: lines + course))
        let resumed = try await parts.train(
            parts.runFile(10, train: lines + course),
            resume: .latest
        )
        #expect(try whole.losses() == parts.losses())
        #expect(
            RunScene.tensors(whole.bytes(result.adapter))
                == RunScene.tensors(parts.bytes(resumed.adapter))
        )
    }

    @Test(
        "courses of the rate reach the steps",
        arguments: [
            (
                ["lr_scheduler: cosine_with_restarts", "lr_scheduler_params: {T_0: 2}"],
                [1, 0.5, 1, 0.5]
            ),
            (
                ["lr_scheduler: polynomial", "lr_scheduler_params: {power: 2}"],
                [1, 0.5625, 0.25, 0.0625]
            ),
            (
                ["lr_scheduler: step", "lr_scheduler_params: {step_size: 2, gamma: 0.5}"],
                [1, 1, 0.5, 0.5]
            ),
            (
                ["lr_scheduler: linear", "lr_scheduler_params: {num_warmup_steps: 2}"],
                [0, 0.5, 1, 0.5]
            ),
        ]
    )
    func courses(lines: [String], factors: [Double]) async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let rates = RateList()
        try await scene.train(scene.runFile(4, train: lines), listeners: [rates])
        #expect(rates.rates.count == 4)
        for (rate, factor) in zip(rates.rates, factors) {
            #expect(abs(rate - 1e-2 * factor) < 1e-12)
        }
    }
}

/// Keeps the rates of a run's steps.
private final class RateList: TrainingListener {
    private(set) var rates: [Double] = []

    func handle(_ event: TrainingEvent) {
        if case .step(let report, _) = event { rates.append(report.rate) }
    }
}
