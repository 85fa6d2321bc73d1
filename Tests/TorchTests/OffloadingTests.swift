import Testing

@testable import Torch

/// Blocks that live in host memory: where they are, when they are copied, what they hold.
@Suite("Offloading") struct OffloadingTests {
    /// Blocks of two tensors whose values say which block they are.
    private func blocks(_ count: Int) -> [[Tensor]] {
        (0..<count).map { index in
            [
                Tensor.full([64, 32], Double(index)),
                Tensor.full([32], Double(index) + 0.5, dtype: .bfloat16),
            ]
        }
    }

    private func offloading(
        _ blocks: [[Tensor]],
        share: Double,
        slots: Int = 2
    ) -> BlockOffloading {
        let made = BlockOffloading(device: .cpu, share: share, slotCount: slots)
        for block in blocks { made.add(block) }
        return made
    }

    @Test(
        "the share is one of bytes, spread evenly, and always the same",
        arguments: [
            (0.0, []), (0.25, [0, 4]), (0.5, [0, 2, 4, 6]), (0.51, [0, 1, 3, 5, 7]),
            (1.0, Array(0..<8)),
        ] as [(Double, [Int])]
    )
    func choice(share: Double, expected: [Int]) throws {
        try withTorchErrors {
            let made = offloading(blocks(8), share: share)
            #expect(made.offloaded == expected)
            let size = made.sizes[0]
            #expect(Double(expected.count * size) >= share * Double(8 * size))
        }
    }

    @Test("a larger block counts by its bytes")
    func bytes() {
        var choice = OffloadingChoice(share: 0.5)
        let sizes = [100, 700, 100, 100]
        let taken = sizes.filter { choice.takes($0) }
        #expect(taken.reduce(0, +) >= 500)
        #expect(taken == [100, 700])
    }

    @Test(
        "every visit finds its block, whatever the order",
        arguments: [2, 3, 5],
        [[0, 1, 2, 3, 4, 5], [0, 1, 2, 3, 4, 5, 5, 4, 3, 2, 1, 0], [3, 0, 3, 5, 1]]
    )
    func contents(slots: Int, order: [Int]) throws {
        try withTorchErrors {
            let all = blocks(6)
            let made = offloading(all, share: 0.8, slots: slots)
            made.begin(order)
            for index in order + order {
                made.visit(index)
                #expect(all[index][0].mean().item() == Double(index))
                #expect(all[index][1].to(.float32).mean().item() == Double(index) + 0.5)
            }
            // Also against what was said.
            for index in [5, 0, 2, 2, 1] {
                made.visit(index)
                #expect(all[index][0].mean().item() == Double(index))
            }
        }
    }

    @Test("there and back, what is needed at once is not thrown out")
    func fetches() throws {
        try withTorchErrors {
            let made = offloading(blocks(8), share: 1, slots: 2)
            let order = Array(0..<8) + (0..<8).reversed()
            made.begin(order)
            for index in order { made.visit(index) }
            // Eight on the way, six on the way back: the last two are still there. The next round's second
            // block is there too: it was visited last but one.
            #expect(made.fetchCount == 14)
            for index in order { made.visit(index) }
            #expect(made.fetchCount == 14 + 12)
        }
    }

    @Test("the next block is on its way while the present one is used")
    func ahead() throws {
        try withTorchErrors {
            let made = offloading(blocks(4), share: 1, slots: 2)
            made.begin([0, 1, 2, 3])
            made.visit(0)
            #expect(made.fetchCount == 2)
            made.visit(1)
            #expect(made.fetchCount == 3)
        }
    }

    // Memory is counted for the whole process, so these have one of their own.

    @Test("the device holds what stays and the slots, host memory the rest")
    func memory() async {
        await #expect(processExitsWith: .success) {
            try withTorchErrors {
                let before = Device.cpu.usedMemory
                let all = (0..<10).map { _ in [Tensor.full([1024, 256], 1)] }
                let size = 1 << 20
                func isAbout(_ count: Int) -> Bool {
                    abs(Device.cpu.usedMemory - before - count * size) < size / 10
                }
                #expect(isAbout(10))
                let made = BlockOffloading(device: .cpu, share: 0.7)
                for block in all { made.add(block) }
                #expect(isAbout(3) && made.hostBytes == 7 * size)
                made.begin(Array(0..<10))
                made.visit(0)
                #expect(isAbout(5) && made.slotBytes == 2 * size)
                made.offload(share: 1)
                #expect(isAbout(0) && made.offloaded.count == 10)
                made.offload(share: 0)
                #expect(isAbout(10) && made.hostBytes == 0)
                #expect(all.allSatisfy { $0[0].mean().item() == 1 })
            }
        }
    }

    @Test("tensors on the CPU can be given a limit, which is memory running out")
    func limit() async {
        await #expect(processExitsWith: .success) {
            Device.limitCPUMemory(Device.cpu.usedMemory + (64 << 20))
            let error = #expect(throws: TorchError.self) {
                try withTorchErrors { _ = Tensor.full([1 << 26], 0) }
            }
            #expect(error?.kind == .outOfMemory)
            Device.limitCPUMemory(nil)
            try withTorchErrors { #expect(Tensor.full([1 << 22], 1).count == 1 << 22) }
        }
    }
}
