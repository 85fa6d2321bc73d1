import Foundation
import Safetensors
import Testing

@testable import Torch

/// Life, types and shapes of tensors.
@Suite("Tensors", .serialized) struct TensorTests {
    @Test("elements come back as they went in")
    func elements() throws {
        try withTorchErrors {
            let tensor = Tensor([1, 2, 3, 4, 5, 6] as [Float], shape: [2, 3])
            #expect(tensor.shape == [2, 3])
            #expect(tensor.size(-1) == 3)
            #expect(tensor.size(5) == 0)
            #expect(tensor.transpose(0, 1).floats() == [1, 4, 2, 5, 3, 6])
            #expect(tensor.transpose(0, 1).bytes().count == 24)
            #expect(Tensor([7, -9]).integers() == [7, -9])
            #expect(tensor.select(0, -1).floats() == [4, 5, 6])
            #expect(tensor.narrow(1, from: 1, count: 2).floats() == [2, 3, 5, 6])
            #expect(tensor.gather(1, Tensor([2, 0])).floats() == [3, 1, 6, 4])
            #expect(tensor.chunks(1, 3).map { $0.floats() } == [[1, 4], [2, 5], [3, 6]])
            #expect(tensor.padded([1, 0]).floats() == [0, 1, 2, 3, 0, 4, 5, 6])
            #expect(Tensor.range(to: 3).floats() == [0, 1, 2])
            #expect(Tensor.linspace(0, 1, count: 3).floats() == [0, 0.5, 1])
        }
    }

    @Test("an empty tensor is read as nothing")
    func empty() throws {
        try withTorchErrors {
            #expect(Tensor([] as [Float]).floats() == [])
            #expect(Tensor.zeros([0, 4]).bytes() == [])
        }
    }

    @Test("numbers keep their value in every type that can hold them", arguments: DType.allCases)
    func types(dtype: DType) throws {
        try withTorchErrors {
            let tensor = Tensor([0, 1] as [Float]).to(dtype)
            #expect(tensor.dtype == dtype)
            #expect(tensor.byteCount == 2 * dtype.byteWidth)
            #expect(tensor.floats() == [0, 1])
            #expect(DType(dtype.stored) == dtype)
        }
    }

    @Test("small types round to the nearest number they have")
    func rounding() throws {
        try withTorchErrors {
            let third = Tensor([1.0 / 3] as [Float])
            #expect(third.to(.bfloat16).floats() == [0.333984375])
            #expect(third.to(.float16).floats() == [0.333251953125])
            #expect(third.to(.float8E4M3).floats() == [0.34375])
            #expect(third.to(.float8E5M2).floats() == [0.3125])
        }
    }

    @Test("bfloat16 and float8 are read from files as they were stored")
    func stored() throws {
        let path = NSTemporaryDirectory() + "/likeness-types-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        let bits: [(String, SafetensorsDType, [UInt8], Float)] = [
            ("bf16", .bf16, [0x80, 0xBF], -1), ("e4m3", .f8E4M3, [0x7E], 448),
            ("e5m2", .f8E5M2, [0x7B], 57344), ("f16", .f16, [0x00, 0x3E], 1.5),
        ]
        let entries = bits.map { SafetensorsEntry(name: $0.0, dtype: $0.1, shape: [1]) }
        let writer = try SafetensorsWriter(path: path, entries: entries, metadata: [:])
        for (name, _, bytes, _) in bits { try bytes.withUnsafeBytes { try writer.write(name, $0) } }
        try writer.finish()

        let file = try SafetensorsFile(path: path)
        try withTorchErrors {
            for (name, dtype, _, value) in bits {
                let tensor = try Tensor(reading: name, from: file)
                #expect(tensor.dtype == DType(dtype))
                #expect(tensor.floats() == [value])
            }
        }
        #expect(throws: CheckpointError(missing: ["other"])) {
            try Tensor(reading: "other", from: file)
        }
    }

    @Test("a written file holds names, types, values and metadata")
    func written() throws {
        let path = NSTemporaryDirectory() + "/likeness-file-\(UUID().uuidString).safetensors"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try withTorchErrors {
            let values = try RandomGenerator(seed: 3).normal([3, 5])
            let file = TensorFile(
                [
                    (name: "a", tensor: values.transpose(0, 1)),
                    (name: "b", tensor: values.to(.bfloat16)),
                ],
                metadata: ["format": "pt"]
            )
            try file.write(to: path)
            let read = try SafetensorsFile(path: path)
            #expect(read.metadata == ["format": "pt"])
            #expect(
                try Tensor(reading: "a", from: read).floats() == values.transpose(0, 1).floats()
            )
            #expect(try Tensor(reading: "b", from: read).dtype == .bfloat16)
        }
    }

    /// Other tests run beside this one and hold some thousand tensors; a leak of one in each round
    /// would leave far more.
    @Test("nothing is left of a loop's tensors")
    func leaks() throws {
        let rounds = 40_000
        let before = liveTensorCount()
        try withTorchErrors {
            let weight = Tensor.full([4, 4], 0.1)
            weight.requiresGradient = true
            let x = try RandomGenerator(seed: 1).normal([2, 4])
            let one = Tensor.full([], 1)
            for _ in 0..<rounds {
                let y = recordingGradients { x.matmul(weight).sum() }
                _ = gradients(of: [y], seeds: [one], for: [weight])
                _ = x.chunks(0, 2)
            }
        }
        #expect(liveTensorCount() - before < rounds / 2)
    }

    @Test("a scope that failed keeps nothing")
    func failedScope() {
        weak var input: Tensor?
        weak var later: Tensor?
        #expect(throws: TorchError.self) {
            try withTorchErrors {
                let tensor = Tensor.zeros([2])
                let failed = tensor.reshape(3) + tensor
                (input, later) = (tensor, failed)
            }
        }
        #expect(input == nil && later == nil)
    }
}
