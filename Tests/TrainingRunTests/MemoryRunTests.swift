import Foundation
import LTXModel
import RunConfig
import Testing
import Torch
import Training

@testable import TrainingRun

/// Runs that save memory: adapters over codes, blocks in host memory, as many as are needed.
@Suite("Memory of a run", .serialized) struct MemoryRunTests {
    private static let away = [
        "layer_offloading: true", "layer_offloading_transformer_percent: 1.0",
    ]

    /// Losses of three steps, and of two and one after a resume.
    private static func losses(
        _ scene: RunScene,
        network: String,
        model: [String],
        train: [String] = [],
        dtype: ComputeDType = .fp32
    ) async throws -> [[Double]] {
        // The name of a run is part of what is drawn, so all have the same.
        try? FileManager.default.removeItem(atPath: scene.folder + "/out")
        for steps in [2, 3] {
            var file = try scene.runFile(steps, train: train, network: network, model: model)
            file.process.train.dtype = dtype
            try await scene.train(file, resume: steps == 3 ? .latest : nil)
        }
        return try scene.losses()
    }

    @Test(
        "DoRA over every format, its blocks in host memory, stopped and resumed: the same losses",
        arguments: ["false", "qfloat8", "int8", "int4", "nf4"]
    )
    func adapters(qtype: String) async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let model = ["quantize: \(qtype)", "quantize_te: false"]
        let dora = "{type: dora, linear: 4}"
        let here = try await Self.losses(scene, network: dora, model: model)
        let away = try await Self.losses(scene, network: dora, model: model + Self.away)
        #expect(here.count == 3 && here.joined().allSatisfy(\.isFinite))
        #expect(here == away)
    }

    @Test("DoRA over codes in bfloat16, the words' padding masked: no type gets in another's way")
    func halfPrecision() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let found = try await Self.losses(
            scene,
            network: "{type: dora, linear: 4}",
            model: ["quantize: qfloat8"] + Self.away,
            train: ["gradient_checkpointing: 2"],
            dtype: .bf16
        )
        #expect(found.count == 3 && found.joined().allSatisfy(\.isFinite))
    }

    @Test("a text encoder whose layers live in host memory gives the same run")
    func textEncoder() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let network = "{type: lora, linear: 4}"
        let here = try await Self.losses(scene, network: network, model: [])
        try FileManager.default.removeItem(atPath: scene.folder + "/clips/_t_e_cache")
        let away = try await Self.losses(
            scene,
            network: network,
            model: ["layer_offloading: true", "layer_offloading_text_encoder_percent: 1.0"]
                + ["layer_offloading_transformer_percent: 0.0"]
        )
        #expect(here == away)
    }

    @Test("auto begins with the least share that is predicted to fit")
    func leastShare() {
        let blocks = Array(repeating: 800, count: 48)
        func blocksAway(_ room: Int) -> Int {
            let share = MemoryPlan.leastShare(room: room, blocks: blocks, others: 4000)
            var choice = OffloadingChoice(share: share)
            return blocks.filter { choice.takes($0) }.count
        }
        #expect(blocksAway(50_000) == 0)
        for (room, least) in [(45_000, 3), (30_000, 20), (8000, 46), (1000, 48)] {
            let away = blocksAway(room)
            #expect(away >= least && away <= least + 2, "\(room): \(away)")
            let taken = 4000 + (48 - away + 2) * 800
            #expect(away == 48 || Double(taken) <= 0.94 * Double(room), "\(room): \(taken)")
        }
    }

    // Memory is counted for the whole process, so these have one of their own.

    @Test("auto leaves a run alone that fits")
    func auto() async {
        await #expect(processExitsWith: .success) {
            let scene = try RunScene()
            try scene.addClips(1)
            try await scene.train(scene.runFile(3))
            let free = try scene.losses()
            try FileManager.default.removeItem(atPath: scene.folder + "/out")
            Device.limitCPUMemory(Device.cpu.usedMemory + (1 << 30))
            try await scene.train(scene.runFile(3, model: ["layer_offloading: auto"]))
            Device.limitCPUMemory(nil)
            #expect(try scene.losses() == free)
        }
    }

    @Test("text encoder and VAEs have left memory when the transformer comes")
    func stages() async {
        await #expect(processExitsWith: .success) {
            let scene = try RunScene()
            try scene.addClips(1)
            let file = try scene.runFile(1, model: ["low_vram: true"])
            let plan = try await RunPlanner(file).plan()
            #expect(!plan.summary.contains("low_vram"))
            let before = Device.cpu.usedMemory
            let seen = UsedMemory()
            try await scene.train(file) { seen.look($0) }
            let left = try #require(seen.whenLoading) - before - plan.contextBytes
            #expect(seen.most - before > 200_000 && left < 50_000, "\(seen.most - before), \(left)")
        }
    }

    /// Bytes of tensors while a run prepares.
    private final class UsedMemory {
        private(set) var whenLoading: Int?
        private(set) var most = 0

        func look(_ event: PreparationEvent) {
            let now = Device.cpu.usedMemory
            most = max(most, now)
            if case .loadingModel = event { whenLoading = now }
        }
    }
}
