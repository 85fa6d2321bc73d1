import Testing
import Torch

@testable import LoRATools

/// The merge from measured inputs, against the dense problem that it solves.
@Suite("Merging, calibrated")
struct MergeCalibratedTests {
    private let samples: MergeSamples
    private let pair: [LowRankFactors]
    private let inputs: [Tensor]  // X, [in, 20]
    private let down: Tensor
    private let up: Tensor

    init() throws {
        samples = try MergeSamples(seed: 3)
        pair = samples.pair
        inputs = [samples.normal(80, 20), samples.normal(80, 20)]
        down = .concatenate(pair.map(\.down), axis: 0)
        up = .concatenate(pair.map(\.up), axis: 1)
    }

    @Test("at the solution the gradient of the dense objective is zero")
    func gradient() throws {
        try withTorchErrors {
            let lambda = 0.2
            let w = try merged(CalibratedMethod(lambda: lambda), pair, statistics(pair))
            let sum = denseSum(pair)
            let slope = zip(pair, inputs).reduce((w - sum) * (lambda / sum.inner(sum))) {
                let (own, x) = ($1.0.dense, $1.1)
                let energy = own.matmul(x).inner(own.matmul(x))
                return $0 + (w - own).matmul(x).matmul(x.transposed) * (1 / energy)
            }
            let projected = up.transposed.matmul(slope).matmul(down.transposed)
            let scale = up.transposed.matmul(sum).matmul(down.transposed).frobenius
            #expect(projected.frobenius < 1e-10 * scale)
        }
    }

    @Test("λ → ∞ is the sum")
    func largeLambda() throws {
        let distance = try withTorchErrors {
            try merged(CalibratedMethod(lambda: 1e9), pair, statistics(pair))
                .distance(from: denseSum(pair))
        }
        #expect(distance < 1e-7)
    }

    @Test("the predicted error is the error on the inputs that were measured")
    func predictedError() throws {
        try withTorchErrors {
            let layer = MergeLayer(pair, statistics: statistics(pair))
            let mixing = try CalibratedMethod(lambda: 0.01).mixing(of: layer)
            let w = layer.up.matmul(mixing.down(of: layer))
            let predicted = layer.interference(of: mixing).errors
            for (index, adapter) in pair.enumerated() {
                let own = adapter.dense.matmul(inputs[index])
                let rest = w.matmul(inputs[index]) - own
                let measured = rest.inner(rest) / own.inner(own)
                #expect(abs((predicted[index] ?? .nan) - measured) < 1e-10)
            }
        }
    }

    @Test("the best weaker sum is the best of a hundred strengths")
    func weakerSum() throws {
        try withTorchErrors {
            let known = statistics(pair)
            let layer = MergeLayer(pair, statistics: known)
            func error(_ strength: Double) -> Double {
                let errors = layer.errors(.identity(layer.rank) * strength, known)
                return errors.compactMap(\.self).reduce(0, +) / 2
            }
            let found = WeakerSum(whole: error(1), half: error(0.5))
            let tried = (0...100).map { error(Double($0) / 100) }
            #expect(abs(error(found.strength) - found.error) < 1e-10)
            #expect(found.error <= (tried.min() ?? 0) + 1e-10)
        }
    }

    @Test("how an update is split into factors changes nothing")
    func gauge() throws {
        try withTorchErrors {
            let m = samples.normal(8, 8) + Tensor.identity(8) * 3
            let other = [
                LowRankFactors(down: m.solve(pair[0].down), up: pair[0].up.matmul(m)), pair[1],
            ]
            let method = CalibratedMethod(lambda: 0.01)
            let distance = try merged(method, other, statistics(other))
                .distance(from: merged(method, pair, statistics(pair)))
            #expect(distance < 1e-8)
        }
    }

    @Test("the order of the adapters changes nothing")
    func order() throws {
        try withTorchErrors {
            let method = CalibratedMethod()
            let turned: [LowRankFactors] = pair.reversed()
            let backward = LayerStatistics(adapters: turnedStatistics(turned))
            let distance = try merged(method, turned, backward)
                .distance(from: merged(method, pair, statistics(pair)))
            #expect(distance < 1e-9)
        }
    }

    @Test("measured inputs reduce the error of both adapters below the sum's")
    func reducesErrors() throws {
        try withTorchErrors {
            let layer = MergeLayer(pair, statistics: statistics(pair))
            let before = layer.interference(of: .none).errors.compactMap(\.self)
            let mixing = try CalibratedMethod().mixing(of: layer)
            let after = layer.interference(of: mixing).errors.compactMap(\.self)
            #expect(zip(before, after).allSatisfy { $1 < $0 })
            #expect(after.count == 2)
        }
    }

    @Test("prompts that name nobody, weighed in, are changed less")
    func anchor() throws {
        try withTorchErrors {
            let x = samples.normal(80, 20)
            let image = down.matmul(x)
            let known = LayerStatistics(
                adapters: statistics(pair).adapters,
                generic: image.matmul(image.transposed)
            )
            let changes = try [0.0, 0.1, 1].map { anchor -> Double in
                let w = try merged(CalibratedMethod(anchor: anchor), pair, known)
                return w.matmul(x).frobenius
            }
            #expect(changes[1] < changes[0])
            #expect(changes[2] < changes[1])
        }
    }

    @Test("a layer without measured inputs is refused")
    func missing() throws {
        #expect(throws: MergeError.noStatistics) {
            try withTorchErrors { try merged(CalibratedMethod(), pair) }
        }
    }

    private func statistics(_ factors: [LowRankFactors]) -> LayerStatistics {
        LayerStatistics(adapters: Self.grams(factors, inputs))
    }

    private func turnedStatistics(_ factors: [LowRankFactors]) -> [Tensor] {
        Self.grams(factors, inputs.reversed())
    }

    private static func grams(_ factors: [LowRankFactors], _ inputs: [Tensor]) -> [Tensor] {
        let down = Tensor.concatenate(factors.map(\.down), axis: 0)
        return inputs.map {
            let image = down.matmul($0)
            return image.matmul(image.transposed)
        }
    }
}
