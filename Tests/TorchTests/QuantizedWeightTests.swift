import Foundation
import Safetensors
import Testing

@testable import Torch

/// Codes and products of weights in 8 and 4 bits.
@Suite("Quantised weights") struct QuantizedWeightTests {
    /// Codes of one matrix by torch, torchao and bitsandbytes.
    private func recorded(_ name: String) throws -> Tensor {
        let folder = URL(fileURLWithPath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let path = "Sources/Verification/Recordings/quantization_io.safetensors"
        let file = try SafetensorsFile(path: folder.appendingPathComponent(path).path)
        return try Tensor(reading: name, from: file)
    }

    /// Largest difference of two tensors of any type.
    private func difference(_ a: Tensor, _ b: Tensor) -> Double {
        (a.to(.float32) - b.to(.float32)).absolute().largest().item()
    }

    @Test(
        "codes, scales and decoded numbers are those of torch, elementwise",
        arguments: [WeightFormat.float8, .int8]
    )
    func rows(format: WeightFormat) throws {
        try withTorchErrors {
            let weight = try format.quantized(recorded("in.matrix"))
            let name = "\(format).matrix"
            #expect(try difference(weight.packed.codes, recorded("\(name).codes")) == 0)
            #expect(try difference(weight.packed.scale, recorded("\(name).scale")) == 0)
            #expect(try difference(weight.dense(.float32), recorded("\(name).dense")) == 0)
        }
    }

    @Test("codes, scales, zero points and decoded numbers are those of torchao")
    func int4() throws {
        try withTorchErrors {
            let weight = try WeightFormat.int4.quantized(recorded("in.matrix"))
            let codes = try recorded("int4.matrix.codes").integers()
            let bytes = stride(from: 0, to: codes.count, by: 2).map {
                UInt8(codes[$0] << 4 | codes[$0 + 1])
            }
            #expect(weight.packed.codes.bytes() == bytes)
            let zero = try #require(weight.packed.zero)
            #expect(try zero.integers() == recorded("int4.matrix.zero").integers())
            let scales = try recorded("int4.matrix.scale").floats()
            // A group of zeros has the smallest scale there and 1 here; both decode to zeros.
            let pairs = zip(weight.packed.scale.floats(), scales)
            #expect(pairs.allSatisfy { $0 == $1 || $1 < 1e-29 })
            #expect(try difference(weight.dense(.float32), recorded("int4.matrix.dense")) == 0)
        }
    }

    @Test(
        "codes, scales and decoded numbers are those of bitsandbytes, also where the last block is short",
        arguments: ["matrix", "odd"]
    )
    func nf4(name: String) throws {
        try withTorchErrors {
            let weight = try WeightFormat.nf4.quantized(recorded("in.\(name)"))
            let codes = try recorded("nf4.\(name).codes").bytes()
            #expect(Array(weight.packed.codes.bytes().prefix(codes.count)) == codes)
            let scales = try recorded("nf4.\(name).scale").floats()
            // A block of zeros has the scale 0 there and 1 here; both decode to zeros.
            #expect(zip(weight.packed.scale.floats(), scales).allSatisfy { $0 == $1 || $1 == 0 })
            #expect(try difference(weight.dense(.float32), recorded("nf4.\(name).dense")) == 0)
        }
    }

    @Test(
        "nothing is rounded twice: a product in bfloat16 uses the float32 numbers, rounded once",
        arguments: WeightFormat.allCases
    )
    func rounding(format: WeightFormat) throws {
        try withTorchErrors {
            let weight = try format.quantized(recorded("in.matrix"))
            let once = weight.dense(.float32).to(.bfloat16)
            #expect(difference(weight.dense(.bfloat16), once) == 0)
            let x = try RandomGenerator(seed: 1).normal([3, 128]).to(.bfloat16)
            #expect(difference(weight.product(x, bias: nil), x.linear(once)) == 0)
        }
    }

    @Test("bytes are as the format foretells", arguments: WeightFormat.allCases)
    func bytes(format: WeightFormat) throws {
        try withTorchErrors {
            for name in ["in.matrix", "in.odd"] {
                let matrix = try recorded(name)
                let weight = format.quantized(matrix)
                let foretold = format.byteCount(rows: matrix.size(0), columns: matrix.size(1))
                #expect(weight.byteCount == foretold)
                #expect(weight.shape == matrix.shape)
            }
        }
    }

    @Test("row squares are those of the decoded matrix", arguments: WeightFormat.allCases)
    func rowSquares(format: WeightFormat) throws {
        try withTorchErrors {
            for name in ["in.matrix", "in.odd"] {
                let weight = try format.quantized(recorded(name))
                let dense = weight.dense(.float32)
                let expected = (dense * dense).sum([1])
                #expect(weight.rowSquares.shape == [dense.size(0)])
                #expect(weight.rowSquares.relativeDifference(from: expected) < 1e-6)
            }
        }
    }

    @Test("output and gradient are those of the decoded matrix", arguments: WeightFormat.allCases)
    func gradient(format: WeightFormat) throws {
        try withTorchErrors {
            let weight = try format.quantized(recorded("in.odd"))
            let random = try RandomGenerator(seed: 4)
            let (x, bias, seed) = (
                random.normal([2, 3, 40]), random.normal([6]), random.normal([2, 3, 6])
            )
            x.requiresGradient = true
            let y = recordingGradients { weight.product(x, bias: bias) }
            let found = gradients(of: [y], seeds: [seed], for: [x])
            let dense = weight.dense(.float32)
            #expect(difference(y, x.detach().linear(dense, bias: bias)) == 0)
            let expected = seed.matmul(dense)
            #expect(try #require(found[0]).relativeDifference(from: expected) < 1e-6)
        }
    }

    @Test(
        "going back decodes again: the record holds codes, not the matrix",
        arguments: WeightFormat.allCases
    )
    func decodesAgain(format: WeightFormat) throws {
        try withTorchErrors {
            let random = try RandomGenerator(seed: 5)
            let weight = format.quantized(random.normal([8, 64]))
            let other = format.quantized(random.normal([8, 64]))
            let x = random.normal([2, 64])
            let seed = random.normal([2, 8])
            x.requiresGradient = true
            let y = recordingGradients { weight.product(x, bias: nil) }
            // As a weight that lives elsewhere and visits: the same tensors, other contents.
            for (own, theirs) in zip(weight.tensors, other.tensors) { own.stand(for: theirs) }
            let found = gradients(of: [y], seeds: [seed], for: [x])
            let expected = seed.matmul(other.dense(.float32))
            #expect(try #require(found[0]).relativeDifference(from: expected) < 1e-6)
        }
    }

    @Test(
        "matrices that are worked on in several parts give the same as in one",
        arguments: WeightFormat.allCases
    )
    func parts(format: WeightFormat) throws {
        try withTorchErrors {
            // Above the number of elements that are worked on together.
            let matrix = try RandomGenerator(seed: 6).normal([600, 960])
            let whole = format.quantized(matrix).dense(.float32)
            // Rows and groups know nothing of each other.
            for start in [0, 300, 575] {
                let part = format.quantized(matrix.narrow(0, from: start, count: 25))
                let expected = whole.narrow(0, from: start, count: 25)
                #expect(difference(part.dense(.float32), expected) == 0)
            }
        }
    }

    @Test(
        "the error of normal weights stays within each format's bounds",
        arguments: [
            (WeightFormat.float8, 31.0), (.int8, 40), (.int4, 20), (.nf4, 20),
        ]
    )
    func noise(format: WeightFormat, bound: Double) throws {
        try withTorchErrors {
            let matrix = try RandomGenerator(seed: 7).normal([256, 1024])
            let error = format.quantized(matrix).dense(.float32) - matrix
            let ratio = (matrix * matrix).sum().item() / (error * error).sum().item()
            #expect(10 * log10(ratio) > bound)
        }
    }
}
