import Testing
import Torch

@testable import Training

/// Fifty steps beside those of each optimizer's original, on the same gradients.
@Suite("Optimizers beside their originals") struct OptimizerPathTests {
    @Test("fifty steps take the original's path", arguments: OptimizerKinds.exact.map(\.name))
    func exact(name: String) throws {
        try withTorchErrors {
            let kind = try #require(OptimizerKinds.exact.first { $0.name == name })
            let scene = OptimizerScene()
            let path = scene.path(kind.make(scene.parameters), rate: kind.rate)
            let expected = try OptimizerScene.original("path.\(name)")
            let error = path.rows.tensor.relativeDifference(from: expected)
            #expect(error <= 1e-6, "\(error)")
        }
    }

    @Test(
        "those that find their rate find the original's",
        arguments: OptimizerKinds.estimating.map(\.name)
    )
    func estimating(name: String) throws {
        try withTorchErrors {
            let kind = try #require(OptimizerKinds.estimating.first { $0.name == name })
            let scene = OptimizerScene()
            let path = scene.path(kind.make(scene.parameters), rate: kind.rate)
            let expected = try OptimizerScene.original("path.\(name)")
            let error = path.rows.tensor.relativeDifference(from: expected)
            #expect(error <= 1e-5, "\(error)")
            let estimates = try OptimizerScene.original("estimate.\(name)")
            for (step, estimate) in path.estimates.enumerated() {
                let recorded = estimates.select(0, step).item()
                let error = abs(estimate / recorded - 1)
                #expect(error <= 1e-5, "\(step): \(error)")
            }
        }
    }

    @Test(
        "schedule-free AdamW's averages are the original's",
        arguments: ["adamw_schedulefree", "adamw_schedulefree_options"]
    )
    func averages(name: String) throws {
        try withTorchErrors {
            let kind = try #require(OptimizerKinds.exact.first { $0.name == name })
            let scene = OptimizerScene()
            let path = scene.path(kind.make(scene.parameters), rate: kind.rate)
            let expected = try OptimizerScene.original("averages.\(name)")
            let error = path.averages.tensor.relativeDifference(from: expected)
            #expect(error <= 1e-6, "\(error)")
        }
    }

    @Test(
        "8-bit steps are bitsandbytes' own",
        arguments: OptimizerKinds.blockwise.map(\.name)
    )
    func blockwise(name: String) throws {
        try withTorchErrors {
            let kind = try #require(OptimizerKinds.blockwise.first { $0.name == name })
            let scene = OptimizerScene()
            let path = scene.path(kind.make(scene.parameters), rate: kind.rate)
            let expected = try OptimizerScene.original("path.\(name)").floats()
            let errors = zip(path.rows.flatMap(\.self), expected).map { abs($0 - $1) }
            #expect(errors.max() ?? 1 <= 1e-5)
        }
    }

    @Test("ten steps are five and five, bit for bit", arguments: OptimizerKinds.all.map(\.name))
    func resumed(name: String) throws {
        try withTorchErrors {
            let kind = try #require(OptimizerKinds.all.first { $0.name == name })
            try resume(kind.make, rate: kind.rate)
            try resume({ WeightAverage(of: $0, kind.make($0)) }, rate: kind.rate)
        }
    }

    private func resume(_ make: OptimizerKinds.Make, rate: Double) throws {
        let whole = OptimizerScene()
        let optimizer = make(whole.parameters)
        for number in 1...5 { whole.step(optimizer, number, rate: rate) }
        let saved = optimizer.state.map { ($0.name, $0.tensor.clone()) }
        #expect(Set(saved.map(\.0)).count == saved.count)

        let parts = OptimizerScene()
        let other = make(parts.parameters)
        TensorList(parts.parameters).copy(from: TensorList(whole.parameters))
        try other.restore { name in try #require(saved.first { $0.0 == name }, "\(name)").1 }
        for number in 6...10 {
            whole.step(optimizer, number, rate: rate)
            parts.step(other, number, rate: rate)
        }
        #expect(parts.parameters.map { $0.bytes() } == whole.parameters.map { $0.bytes() })
        #expect(other.state.map { $0.tensor.bytes() } == optimizer.state.map { $0.tensor.bytes() })
        #expect(other.rateFactor == optimizer.rateFactor)
    }
}
