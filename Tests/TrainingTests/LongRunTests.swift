import Adapters
import Foundation
import LTXModel
import RunFiles
import Testing
import Torch

@testable import Training

/// What happens over many steps, and when memory does not suffice; memory is counted for the whole process, so
/// each test has one of its own.
@Suite("Long runs") struct LongRunTests {
    @Test("two thousand steps leave no more in memory than a hundred")
    func noGrowth() async {
        await #expect(processExitsWith: .success) {
            let place = try TemporaryFolder()
            let run = try TestRun(in: place, only: ["attn1.to_q"])
            var seen: [(tensors: Int, bytes: Int, process: Int)] = []
            for steps in [100, 1000, 2000] {
                _ = try run.trainer.run(steps: steps)
                run.events.forget()
                seen.append((liveTensorCount(), Device.cpu.usedMemory, ProcessMemory.resident))
            }
            #expect(seen[2].tensors == seen[0].tensors, "\(seen)")
            // Allocators give a few bytes more or less for the same size.
            #expect(abs(seen[2].bytes - seen[0].bytes) < 1024, "\(seen)")
            // The process may keep what the allocator has in pieces, but not more with every step.
            #expect(seen[2].process - seen[1].process < 16 << 20, "\(seen)")
        }
    }

    @Test("memory that runs out moves blocks to host memory, and the run ends with the same bits")
    func relief() async {
        await #expect(processExitsWith: .success) {
            let place = try TemporaryFolder()
            let free = try TestRun(
                in: place,
                transformer: TrainingFixture.drawnTransformer(share: 0)
            )
            let before = Device.cpu.usedMemory
            Device.cpu.resetPeakMemory()
            _ = try free.trainer.run(steps: 3)
            let (expected, peak) = (try free.bytes, Device.cpu.peakMemory - before)

            let model = try TrainingFixture.drawnTransformer(share: 0)
            let tight = try TestRun(in: place, name: "tight", transformer: model)
            let offloading = try #require(model.offloading)
            tight.trainer.relief = AutomaticOffloading(offloading, device: .cpu)
            let block = try #require(offloading.sizes.max())
            // Three blocks have to go: one for what is missing, two for the slots that the others come to.
            Device.limitCPUMemory(Device.cpu.usedMemory + peak - block / 2)
            let result = try tight.trainer.run(steps: 3)
            Device.limitCPUMemory(nil)
            #expect(result.step == 3 && offloading.offloaded.count >= 3, "\(offloading.offloaded)")
            #expect(try tight.bytes == expected, "\(tight.events.notices)")
            let notices = tight.events.notices
            #expect(
                notices.first
                    == "cpu ran out of memory: now 1 of 6 blocks live in host memory (layer_offloading: auto); "
                    + "the step is repeated",
                "\(notices)"
            )
        }
    }

    @Test("room that the first step leaves is used")
    func settling() async {
        await #expect(processExitsWith: .success) {
            let place = try TemporaryFolder()
            let model = try TrainingFixture.drawnTransformer(share: 1)
            let run = try TestRun(in: place, transformer: model)
            let offloading = try #require(model.offloading)
            run.trainer.relief = AutomaticOffloading(offloading, device: .cpu)
            Device.limitCPUMemory(Device.cpu.usedMemory + (1 << 30))
            _ = try run.trainer.run(steps: 2)
            Device.limitCPUMemory(nil)
            #expect(offloading.offloaded.isEmpty)
            #expect(
                run.events.notices.first
                    == "the first step left room: now 0 of 6 blocks live in host memory (layer_offloading: auto)"
            )
        }
    }

    @Test("where nothing is left to move, the run stops with its state saved")
    func nothingLeft() async {
        await #expect(processExitsWith: .success) {
            let place = try TemporaryFolder()
            let model = try TrainingFixture.drawnTransformer(share: 1)
            let run = try TestRun(in: place, transformer: model)
            let offloading = try #require(model.offloading)
            run.trainer.relief = AutomaticOffloading(offloading, device: .cpu)
            Device.limitCPUMemory(Device.cpu.usedMemory + (1 << 16))
            let error = #expect(throws: TrainingError.self) {
                _ = try run.trainer.run(steps: 2)
            }
            Device.limitCPUMemory(nil)
            #expect(error?.description.hasPrefix("step 1: memory of cpu ran out (") == true)
        }
    }

    @Test("a second run in the same folder is refused, until the first one ends")
    func twoRuns() throws {
        let place = try TemporaryFolder()
        let folder = RunFolder(path: place.path + "/run", name: "run")
        do {
            let first = try RunLock(folder)
            let owner = "process \(ProcessInfo.processInfo.processIdentifier)"
            let error = #expect(throws: RunStateError.self) { try RunLock(folder) }
            #expect(error == .inUse(folder.path, by: owner))
            #expect(
                error?.description
                    == "\(folder.path): another run is at work here (\(owner)); wait until it ends or stop it, "
                    + "or give this run another config.name"
            )
            #expect(throws: RunStateError.inUse(folder.path, by: owner)) { try folder.moveAside() }
            withExtendedLifetime(first) {}
        }
        _ = try RunLock(folder)
        #expect(try folder.moveAside() == "\(folder.path).1")
    }
}
