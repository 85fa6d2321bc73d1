import Testing
import Torch

/// W Aᵀ for few rows, beside the general product.
@Suite("Thin products") struct ThinProductTests {
    @Test(
        "few rows give what the general product gives",
        arguments: [(1, 1, 1), (5, 7, 3), (64, 48, 16), (130, 96, 33), (67, 33, 300)]
    )
    func product(outputs: Int, inputs: Int, rank: Int) throws {
        try withTorchErrors {
            let random = try RandomGenerator(seed: 4)
            let matrix = random.normal([outputs, inputs])
            let a = random.normal([rank, inputs])
            for (weight, other) in [(matrix, a), (matrix.to(.float64), a.to(.float64))] {
                let found = DenseWeight(weight).images(of: other)
                let expected = matrix.to(.float64).matmul(a.to(.float64).transpose(0, 1))
                #expect(found.shape == [outputs, rank])
                let worst = (found.to(.float64) - expected).absolute().largest().item()
                #expect(worst < 1e-5 * Double(inputs).squareRoot())
            }
        }
    }
}
