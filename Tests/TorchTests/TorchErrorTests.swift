import Testing

@testable import Torch

/// Failures inside `withTorchErrors`.
@Suite("LibTorch errors") struct TorchErrorTests {
    @Test("the first failure is thrown with operation and shapes; what follows is skipped")
    func first() {
        var reached = false
        let error = #expect(throws: TorchError.self) {
            try withTorchErrors {
                let broken = Tensor.zeros([2, 3]).matmul(Tensor.zeros([4, 5]))
                let later = (broken + 1).reshape(7, 7)
                #expect(later.shape == [])
                #expect(later.floats() == [])
                #expect(later.item().isNaN)
                #expect(torchHasFailed)
                reached = true
            }
        }
        #expect(reached)
        #expect(error?.kind == .failed)
        #expect(error?.operation == "matmul")
        #expect(error?.shapes == [[2, 3], [4, 5]])
        #expect(
            error?.description
                == "matmul([2, 3], [4, 5]): mat1 and mat2 shapes cannot be multiplied (2x3 and 4x5)"
        )
    }

    @Test("a tensor that cannot fit into memory is an error of its own kind")
    func outOfMemory() {
        let error = #expect(throws: TorchError.self) {
            // 4 PB: more than any machine's address space.
            try withTorchErrors { Tensor.zeros([1 << 25, 1 << 25]) }
        }
        #expect(error?.kind == .outOfMemory)
        #expect(error?.operation == "full")
    }

    @Test("a failure counts before the error that follows from it")
    func thrownLater() {
        struct Consequence: Error {}
        #expect(throws: TorchError.self) {
            try withTorchErrors {
                let broken = Tensor.zeros([2]).reshape(3)
                if broken.floats().isEmpty { throw Consequence() }
            }
        }
    }

    @Test("scopes are independent, and a scope without failures gives its result")
    func scopes() throws {
        let sum = try withTorchErrors {
            #expect(throws: TorchError.self) {
                try withTorchErrors { Tensor.zeros([2]).reshape(3) }
            }
            return Tensor.full([3], 2).sum().item()
        }
        #expect(sum == 6)
    }

    @Test("a device that is not there is an error, not an end")
    func absentDevice() {
        let absent = Device("cuda:97")
        #expect(!absent.isAvailable)
        #expect(throws: TorchError.self) {
            try withTorchErrors { Tensor.zeros([1], device: absent) }
        }
        #expect(throws: TorchError.self) {
            try withTorchErrors { Tensor.zeros([1], device: Device("no such thing")) }
        }
    }
}

/// Devices by name.
@Suite("Devices") struct DeviceTests {
    @Test("a name has a kind and a number")
    func names() {
        #expect(Device("cuda:3").kind == "cuda")
        #expect(Device("cuda:3").index == 3)
        #expect(Device.cpu.index == 0)
        #expect(Device("cuda:3").description == "cuda:3")
    }

    @Test("the processor is always there and comes last")
    func available() {
        #expect(Device.cpu.isAvailable)
        #expect(Device.available.last == .cpu)
        #expect(Device("cuda:0").isAvailable == (Device.count(of: "cuda") > 0))
        #expect(!Device("mtia:0").isAvailable)
        #expect(Device.available.allSatisfy { $0.isAvailable })
    }

    @Test("memory of the process is counted")
    func memory() throws {
        try withTorchErrors {
            Device.cpu.resetPeakMemory()
            let before = Device.cpu.peakMemory
            let large = Tensor.full([64 << 20], 1)
            #expect(large.byteCount == 256 << 20)
            #expect(Device.cpu.peakMemory - before > 200 << 20)
            Device.cpu.synchronize()
        }
    }

    @Test("the version is that of the library")
    func version() {
        #expect(LibTorch.version.split(separator: ".").count >= 2)
        #expect(LibTorch.threadCount >= 1)
    }
}
