import Testing
import Torch

/// Rounding by chance to bfloat16.
@Suite("Rounding by chance") struct RoundingTests {
    private func rounded(_ values: [Float], seed: UInt64) throws -> [Float] {
        try withTorchErrors {
            let target = Tensor.zeros([values.count], dtype: .bfloat16)
            target.copy(rounding: Tensor(values), seed: seed)
            return target.floats()
        }
    }

    @Test("what bfloat16 can hold stays, and so does what is no number")
    func exact() throws {
        let values: [Float] = [0, 1, -1.5, 3.0e38, -.infinity, .infinity, 0.0078125]
        let held = try withTorchErrors { Tensor(values).to(.bfloat16).floats() }
        #expect(try rounded(held, seed: 3) == held)
        #expect(try rounded([.nan], seed: 3)[0].isNaN)
    }

    @Test("only the two neighbours come out, in the mean the number itself", arguments: [1, -1])
    func mean(sign: Float) throws {
        let value = sign * (1 + 0.3 / 128)  // neighbours are 1 and 1 + 1 / 128
        let found = try rounded(Array(repeating: value, count: 100_000), seed: 9)
        #expect(Set(found) == [sign, sign * (1 + 1 / 128)])
        let mean = found.reduce(0.0) { $0 + Double($1) } / Double(found.count)
        // Four standard deviations of the mean.
        #expect(abs(mean - Double(value)) < 4 * 0.458 / 128 / 316)
    }

    @Test("a seed gives the same bits, another seed others")
    func seeds() throws {
        let values = (0..<1000).map { Float($0) * 0.001 }
        #expect(try rounded(values, seed: 1) == rounded(values, seed: 1))
        #expect(try rounded(values, seed: 1) != rounded(values, seed: 2))
    }

    @Test("many changes smaller than a rounding step add up, which to the nearest they do not")
    func smallChanges() throws {
        try withTorchErrors {
            let weight = Tensor.full([1000], 1, dtype: .bfloat16)
            let nearest = Tensor.full([1000], 1, dtype: .bfloat16)
            for step in 0..<500 {
                weight.copy(rounding: weight.to(.float32) + 1e-4, seed: UInt64(step))
                nearest.copy(from: nearest.to(.float32) + 1e-4)
            }
            #expect(abs(weight.to(.float32).mean([0]).item() - 1.05) < 0.001)
            #expect(nearest.floats().allSatisfy { $0 == 1 })
        }
    }

    @Test("other types and sizes are refused")
    func refused() {
        #expect(throws: TorchError.self) {
            try withTorchErrors { Tensor.zeros([2]).copy(rounding: .zeros([2]), seed: 1) }
        }
        #expect(throws: TorchError.self) {
            try withTorchErrors {
                Tensor.zeros([2], dtype: .bfloat16).copy(rounding: .zeros([3]), seed: 1)
            }
        }
    }
}
