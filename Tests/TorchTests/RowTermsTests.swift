import Testing

@testable import Torch

/// Lengths of rows of a matrix with a low-rank update, beside the matrix written out.
@Suite("Lengths of rows") struct RowTermsTests {
    @Test(
        "rows' products and lengths equal those of the whole matrix",
        arguments: [(1, 1, 1), (5, 7, 3), (64, 48, 16), (130, 96, 33), (67, 33, 300)],
        [DType.float32, .float64]
    )
    func terms(size: (outputs: Int, inputs: Int, rank: Int), dtype: DType) throws {
        try withTorchErrors {
            let random = try RandomGenerator(seed: 4)
            let matrix = random.normal([size.outputs, size.inputs]).to(dtype)
            let update = LowRankTerms(
                down: random.normal([size.rank, size.inputs]).to(dtype),
                up: random.normal([size.outputs, size.rank]).to(dtype),
                scale: 0.3
            )
            let weight = DenseWeight(matrix)
            let found = weight.rowTerms(
                of: update,
                squares: weight.rowSquares.to(dtype),
                least: 1e-12,
                type: dtype
            ).to(.float64)
            let wide = matrix.to(.float64)
            let change = update.up.to(.float64).matmul(update.down.to(.float64)) * 0.3
            let sum = wide + change
            let expected = [(wide * change).sum([1]), (change * change).sum([1])]
            let lengths = (sum * sum).sum([1]).squareRoot()
            let size = (change * change).sum([1]) + (wide * wide).sum([1])
            for (place, wanted) in expected.enumerated() {
                let worst = ((found.select(0, place) - wanted) / size).absolute().largest().item()
                #expect(worst < 1e-6)
            }
            let worst = ((found.select(0, 2) - lengths) / size.squareRoot()).absolute()
            #expect(worst.largest().item() < 1e-5)
        }
    }
}
