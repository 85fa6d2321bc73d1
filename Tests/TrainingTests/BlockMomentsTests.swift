import Testing
import Torch

@testable import Training

/// State in 8 bits.
@Suite("8-bit state") struct BlockMomentsTests {
    @Test("both maps are bitsandbytes', value by value")
    func maps() throws {
        try withTorchErrors {
            for (name, signed) in [("map.signed", true), ("map.unsigned", false)] {
                let expected = try OptimizerScene.original(name)
                let codes = BlockCodes(signed: signed, device: .cpu)
                let all = (0..<256).map { UInt8($0) }.withUnsafeBytes {
                    Tensor(bytes: $0, dtype: .uint8, shape: [1, 256])
                }
                let read = codes.read([all], scales: [.full([1], 1)], shapes: [expected])
                #expect(read.tensors[0].bytes() == expected.bytes())
            }
        }
    }

    @Test(
        "a large parameter takes a byte and a 64th of one per moment and element, a small one four"
    )
    func bytes() throws {
        try withTorchErrors {
            var options = AdamW.Options()
            let counts = 8
            let parameters = [Tensor.zeros([32, 4096])]
            #expect(AdamW(parameters, options: options).stateBytes == 2 * 4 * 131_072 + counts)
            options.precision = .blocks
            let blocks = 2 * (131_072 + 131_072 / 64)
            #expect(AdamW(parameters, options: options).stateBytes == blocks + counts)
            let small = [Tensor.zeros([63, 65])]
            #expect(AdamW(small, options: options).stateBytes == 2 * 4 * 4095 + counts)
        }
    }

    @Test(
        "after fifty steps 8-bit AdamW is 4 % of the way beside float32, where a block's gradients differ 32 times"
    )
    func distance() throws {
        try withTorchErrors {
            let (exact, rough) = (OptimizerScene(), OptimizerScene())
            let start = rough.parameters[3].clone()
            var options = AdamW.Options()
            _ = exact.path(AdamW(exact.parameters, options: options), rate: 1e-2)
            options.precision = .blocks
            _ = rough.path(AdamW(rough.parameters, options: options), rate: 1e-2)
            // Parameters of less than 4096 elements have float32 state.
            for index in 0..<3 {
                #expect(rough.parameters[index].bytes() == exact.parameters[index].bytes())
            }
            let way = exact.parameters[3] - start
            let error = rough.parameters[3] - exact.parameters[3]
            let share = ((error * error).sum() / (way * way).sum()).squareRoot().item()
            #expect(abs(share - 0.042) < 0.005, "\(share)")
        }
    }

    @Test("8-bit Prodigy finds nearly the same rate")
    func prodigy() throws {
        try withTorchErrors {
            let (exact, rough) = (OptimizerScene(), OptimizerScene())
            var options = Prodigy.Options()
            let first = Prodigy(exact.parameters, options: options)
            _ = exact.path(first, rate: 1)
            options.precision = .blocks
            let second = Prodigy(rough.parameters, options: options)
            _ = rough.path(second, rate: 1)
            #expect(abs(second.rateFactor / first.rateFactor - 1) < 0.02)
        }
    }
}
