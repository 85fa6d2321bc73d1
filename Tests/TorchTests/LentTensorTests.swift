import Foundation
import Safetensors
import Testing

@testable import Torch

/// Weights that are converted where they lie in the file.
@Suite("Lent tensors") struct LentTensorTests {
    private func file(_ tensors: [(name: String, tensor: Tensor)]) throws -> (String, FileWeights) {
        let path = NSTemporaryDirectory() + "lent-\(UUID().uuidString).safetensors"
        try TensorFile(tensors).write(to: path)
        return (path, FileWeights(try WeightFiles(path: path)))
    }

    @Test(
        "a lent tensor is what is stored, and stays readable when nobody else knows the file any more"
    )
    func outlives() throws {
        try withTorchErrors {
            let stored = try RandomGenerator(seed: 1).normal([300, 70]).to(.bfloat16)
            let path: String
            let lent: Tensor
            do {
                let (place, weights) = try file([("a", stored)])
                path = place
                lent = try weights.lend("a", expecting: [300, 70])
            }
            defer { unlink(path) }
            #expect(lent.bytes() == stored.bytes())
            #expect(lent.narrow(0, from: 299, count: 1).floats() == stored.select(0, 299).floats())
        }
    }

    @Test("elements that are not aligned in the file are copied")
    func unaligned() throws {
        try withTorchErrors {
            let numbers = Tensor([1.5, -2, 3])
            let bytes = Tensor([7]).to(.uint8)
            let (path, weights) = try file([("a", bytes), ("b", numbers)])
            defer { unlink(path) }
            #expect(try weights.lend("a", expecting: [1]).integers() == [7])
            #expect(try weights.lend("b", expecting: [3]).floats() == [1.5, -2, 3])
        }
    }

    @Test("what a model is given has memory of its own, in whatever type it is read")
    func ownMemory() throws {
        try withTorchErrors {
            let stored = try RandomGenerator(seed: 2).normal([8, 16]).to(.bfloat16)
            let codes = Float8Weight(quantizing: stored).packed.codes
            let (path, weights) = try file([
                ("bias", stored), ("coded.weight", codes), ("layer.weight", stored),
            ])
            defer { unlink(path) }
            let before = try Data(contentsOf: URL(fileURLWithPath: path))
            let reader = WeightReader(weights, named: "file", dtype: nil)
            let plain = reader.root.tensor("bias", [8, 16])
            let matrix = (reader.root / "layer").matrix("weight", [8, 16])
            let coded = (reader.root / "coded").matrix("weight", [8, 16])
            try reader.finish()
            // In the memory of the file this would end the program.
            plain.scale(by: 2)
            for tensor in matrix.tensors { tensor.scale(by: 2) }
            for tensor in coded.tensors { tensor.copy(from: .zeros(tensor.shape)) }
            #expect(plain.floats() == stored.floats().map { $0 * 2 })
            #expect(matrix.tensors[0].floats() == stored.floats().map { $0 * 2 })
            #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == before)
        }
    }

    @Test(
        "zeros that take memory when they are written are zeros, whatever lay there, and keep what is written"
    )
    func lateZeros() throws {
        try withTorchErrors {
            for shape in [[], [3], [1000, 33], [700, 4099]] {
                do { #expect(Tensor.full(shape, 7).count > 0) }
                let zeros = Tensor.zerosWhenWritten(shape)
                #expect(zeros.shape == shape && zeros.absolute().sum().item() == 0)
                zeros.add(.full(shape, 2))
                #expect(zeros.sum().item() == 2 * Double(zeros.count))
            }
        }
    }

    @Test("zeros take memory when they are written, not before")
    func whenWritten() async {
        // In a process of its own: others make and free tensors in this one.
        await #expect(processExitsWith: .success) {
            try withTorchErrors {
                let before = ProcessMemory.resident
                let large = Tensor.zerosWhenWritten([1 << 26])
                #expect(ProcessMemory.resident - before < 1 << 27)
                large.add(.full([], 1))
                #expect(ProcessMemory.resident - before > 1 << 27)
            }
        }
    }

    @Test("a name that the file lacks is told")
    func missing() throws {
        let (path, weights) = try withTorchErrors { try file([("a", Tensor([1.0]))]) }
        defer { unlink(path) }
        #expect(throws: CheckpointError(missing: ["b"])) {
            _ = try weights.lend("b", expecting: [1])
        }
    }
}
