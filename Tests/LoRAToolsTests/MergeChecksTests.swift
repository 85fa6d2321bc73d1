import Testing
import Torch

@testable import LoRATools

/// Checks of thin formulas that stand beside `MergeAlgebraTests`: float64 to 1e-10, float32 to 1e-6.
@Suite("Merging, further algebra")
struct MergeChecksTests {
    private let samples: MergeSamples
    private let pair: [LowRankFactors]

    init() throws {
        samples = try MergeSamples(seed: 11)
        pair = samples.pair
    }

    @Test("lengths of the update's columns come from the small Gram matrix")
    func columnLengths() throws {
        try withTorchErrors {
            let layer = MergeLayer(pair)
            let range = layer.ranges[0]
            let rows = layer.down.rows(range)
            let lengths = (rows * layer.outputs.block(range, range).matmul(rows)).sum([0])
                .squareRoot()
            let dense = pair[0].dense
            #expect(lengths.distance(from: (dense * dense).sum([0]).squareRoot()) < 1e-12)
        }
    }

    @Test("measured inputs in the space that A spans: the merge solves the dense normal equations")
    func calibratedIsDense() throws {
        try withTorchErrors {
            let lambda = 0.2
            let down = Tensor.concatenate(pair.map(\.down), axis: 0)
            let inputs = [samples.normal(14, 20), samples.normal(14, 20)]
                .map { down.transposed.matmul($0) }
            let actual = try merged(
                CalibratedMethod(lambda: lambda),
                pair,
                statistics(down, inputs)
            )
            let sum = denseSum(pair)
            let ridge = lambda / sum.inner(sum)
            var (wanted, total) = (sum * ridge, Tensor.identity(80) * ridge)
            for (adapter, x) in zip(pair, inputs) {
                let image = adapter.dense.matmul(x)
                let share = x.matmul(x.transposed) * (1 / image.inner(image))
                wanted = wanted + adapter.dense.matmul(share)
                total = total + share
            }
            #expect(actual.distance(from: wanted.matmul(total.inverse)) < 1e-10)
        }
    }

    @Test(
        "the small kernel gives what decompositions of tall matrices give",
        arguments: [IsolateMethod.Kind.flat, .energy],
        [false, true]
    )
    func kernel(kind: IsolateMethod.Kind, sharesStart: Bool) throws {
        try withTorchErrors {
            let factors = sharesStart ? samples.sharedStart : pair
            let expected = decomposed(factors, 0.1, kind)
            let double = kernelResult(factors, kind)
            #expect(double.distance(from: expected) < 1e-10)
            // The exact solution of the rounded factors: what rounding itself moves is not the kernel's.
            let rounded = factors.map { $0.to(.float32) }
            let single = kernelResult(rounded, kind)
            let exact = decomposed(rounded.map { $0.to(.float64) }, 0.1, kind)
            // From one start, without weighing, T holds entries of 10 and A Aᵀ is rounded: a float32 kernel
            // of the same formula in torch is off by up to 1.7e-6 there over eight draws.
            #expect(
                single.distance(from: exact) < (kind == .flat && sharesStart ? 2e-6 : 1e-6)
            )
        }
    }

    private func kernelResult(_ factors: [LowRankFactors], _ kind: IsolateMethod.Kind) -> Tensor {
        let layer = MergeLayer(factors)
        let kernel = RidgeKernel(
            inputs: layer.inputs,
            outputs: layer.outputs,
            of: layer,
            balance: layer.balance,
            kind: kind
        )
        let mixing = kernel.mixing(0.1).to(layer.down.dtype)
        return layer.up.matmul(mixing.matmul(layer.down))
    }

    /// The ridge problem solved in an orthonormal basis of all that the adapters read.
    private func decomposed(
        _ factors: [LowRankFactors],
        _ lambda: Double,
        _ kind: IsolateMethod.Kind
    ) -> Tensor {
        let parts = factors.map(\.decomposed)
        let all = Tensor.concatenate(parts.map { $0.vt }, axis: 0).transposed.singularValues()
        let basis = all.u  // [in, k]
        let shares = parts.map { part -> Tensor in
            let axes = basis.transposed.matmul(part.vt.transposed)
            let scales = kind == .energy ? part.s / part.s.doubles()[0] : part.s * 0 + 1
            let scaled = axes * scales.unsqueeze(0)
            return scaled.matmul(scaled.transposed)
        }
        let ridge = Tensor.identity(basis.size(1)) * lambda
        let total = shares.reduce(ridge) { $0 + $1 }
        return zip(factors, shares).reduce(factors[0].dense * 0) {
            let filter = (ridge + $1.1).matmul(total.inverse)
            return $0 + $1.0.dense.matmul(basis).matmul(filter).matmul(basis.transposed)
        }
    }

    private func statistics(_ down: Tensor, _ inputs: [Tensor]) -> LayerStatistics {
        LayerStatistics(
            adapters: inputs.map {
                let image = down.matmul($0)
                return image.matmul(image.transposed)
            }
        )
    }
}
