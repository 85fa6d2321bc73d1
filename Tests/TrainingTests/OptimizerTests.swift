import Safetensors
import Testing
import Torch

@testable import Training

/// Against paths and schedules recorded from torch.
@Suite("Optimizers and schedules") struct OptimizerTests {
    private func recorded(_ name: String) throws -> Tensor {
        try Tensor(reading: name, from: TrainingFixture.file("optimizer_io"))
    }

    private static func options(
        epsilon: Double = 1e-8,
        beta1: Double = 0.9,
        beta2: Double = 0.999,
        decay: Double = 0.01
    ) -> AdamW.Options {
        var options = AdamW.Options()
        options.epsilon = epsilon
        options.beta1 = beta1
        options.beta2 = beta2
        options.decay = decay
        return options
    }

    @Test(
        "fifty steps take torch's path",
        arguments: [
            ("adamw", options()), ("adamw_eps_1e-6", options(epsilon: 1e-6)),
            ("adamw_decay", options(beta1: 0.8, beta2: 0.95, decay: 0.3)),
            ("adam", options(decay: 0)),
        ]
    )
    func paths(name: String, options: AdamW.Options) throws {
        try withTorchErrors {
            let parameter = try recorded("in.start")
            let gradients = try recorded("in.gradients")
            let optimizer = AdamW([parameter], options: options)
            let places = (0..<50).map { step in
                optimizer.step(
                    parameters: [parameter],
                    gradients: [gradients.select(0, step)],
                    rates: [1e-2]
                )
                return parameter.clone()
            }
            let expected = try recorded("path.\(name)")
            #expect(Tensor.stack(places).relativeDifference(from: expected) <= 1e-5)
        }
    }

    @Test("a parameter without gradients stays and keeps its own count")
    func partial() throws {
        try withTorchErrors {
            func parameters() -> [Tensor] { [Tensor.full([2], 1), Tensor.full([2], 1)] }
            let one = Tensor.full([2], 0.5)
            let (first, second) = (parameters(), parameters())
            let late = AdamW(first)
            late.step(parameters: first, gradients: [one, nil], rates: [0.1, 0.1])
            #expect(first[1].floats() == [1, 1])
            late.step(parameters: first, gradients: [one, one], rates: [0.1, 0.1])
            // The second parameter's first step is like anyone's first step.
            let early = AdamW(second)
            early.step(parameters: second, gradients: [nil, one], rates: [0.1, 0.1])
            #expect(first[1].floats() == second[1].floats())
        }
    }

    @Test("a restored optimizer goes on exactly like the saved one")
    func restored() throws {
        try withTorchErrors {
            let gradients = try recorded("in.gradients")
            let parameter = try recorded("in.start")
            let whole = AdamW([parameter])
            func step(_ optimizer: AdamW, _ parameter: Tensor, _ number: Int) {
                optimizer.step(
                    parameters: [parameter],
                    gradients: [gradients.select(0, number)],
                    rates: [1e-2]
                )
            }
            for number in 0..<5 { step(whole, parameter, number) }
            let copy = parameter.clone()
            let other = AdamW([copy])
            let saved = whole.state.map { ($0.name, $0.tensor.clone()) }
            try other.restore { name in try #require(saved.first { $0.0 == name }).1 }
            for number in 5..<10 {
                step(whole, parameter, number)
                step(other, copy, number)
            }
            #expect(copy.bytes() == parameter.bytes())
        }
    }

    @Test(
        "rates follow torch's schedules",
        arguments: [
            ("constant", LearningRateSchedule.constant),
            ("constant_with_warmup_5", .warmup(steps: 5)),
            ("linear_decay", .ramp(from: 1, to: 0, steps: 20)),
            ("linear_torch_default", .ramp(from: 1.0 / 3, to: 1, steps: 20)),
            ("cosine", .cosine(steps: 20, minimum: 0)),
            ("cosine_eta_min_1e-4", .cosine(steps: 20, minimum: 0.1)),
            ("cosine_with_warmup_5", .warmup(steps: 5, then: .cosine(steps: 15, minimum: 0))),
            ("cosine_with_restarts_7", .restarts(period: 7, growth: 1, minimum: 0)),
            ("cosine_with_restarts_4_2", .restarts(period: 4, growth: 2, minimum: 0)),
            ("linear_with_warmup_5", .warmup(steps: 5, then: .ramp(from: 1, to: 0, steps: 15))),
            ("polynomial", .polynomial(steps: 20, power: 1)),
            ("polynomial_12_2", .polynomial(steps: 12, power: 2)),
            ("step_6_half", .cuts(every: 6, factor: 0.5)),
        ]
    )
    func schedules(name: String, schedule: LearningRateSchedule) throws {
        try withTorchErrors {
            let rates = (0..<20).map { Float(1e-3 * schedule.factor(after: $0)) }
            let expected = try recorded("lr.\(name)")
            #expect(Tensor(rates).relativeDifference(from: expected) <= 1e-6)
        }
    }
}
