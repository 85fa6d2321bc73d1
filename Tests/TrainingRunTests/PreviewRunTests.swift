import Foundation
import LTXModel
import Media
import RunConfig
import Testing
import Torch
import Training

@testable import TrainingRun

/// Previews of real runs.
@Suite("Previews of a run", .serialized) struct PreviewRunTests {
    /// Small previews of both kinds.
    private static let sample = [
        "sample_every: 2", "width: 64", "height: 64", "num_frames: 9", "sample_steps: 2",
        "guidance_scale: 3", "seed: 7", "walk_seed: true",
        #"prompts: ["[trigger] says hello", "[trigger] at night --frames 1 --seed 40"]"#,
    ]

    /// Keeps what is told about previews.
    private final class Reports: TrainingListener {
        var reports: [(step: Int, report: PreviewReport)] = []
        var notices: [String] = []

        func handle(_ event: TrainingEvent) {
            if case .previewed(let report, let step) = event { reports.append((step, report)) }
            if case .notice(let text) = event { notices.append(text) }
        }
    }

    @Test("a run makes clips with sound and pictures, named by step, with their prompt inside")
    func files() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        let reports = Reports()
        let file = try scene.runFile(3, sample: Self.sample)
        try await scene.train(file, listeners: [reports])
        #expect(reports.reports.map(\.step) == [0, 2, 3])
        for (step, report) in reports.reports {
            #expect(report.failures == [] && report.previews.map(\.seed) == [7, 40])
            let names = report.previews.map { ($0.path as NSString).lastPathComponent }
            #expect(names[0].wholeMatch(of: #/\d{13}__00000000\d_0\.mp4/#) != nil)
            #expect(names[1].hasSuffix("__00000000\(step)_1.jpg"))
            #expect(report.previews[0].voiceDistance != nil)
            #expect(report.previews[1].voiceDistance == nil)
            for preview in report.previews {
                let info = try ClipReader(path: preview.path).info
                #expect(info.video?.width == 64 && info.video?.height == 64)
                let thumbnail = scene.folder + "/out/run/samples/.thumbs/"
                let name = (preview.path as NSString).lastPathComponent
                #expect(FileManager.default.fileExists(atPath: thumbnail + name + ".jpg"))
            }
            let info = try ClipReader(path: report.previews[0].path).info
            #expect(info.video?.frameCount == 9 && info.audio?.sampleRate == 48_000)
            #expect(info.metadata["prompt"] == "ohwx says hello" && info.metadata["seed"] == "7")
        }
    }

    @Test("previews change nothing of what is trained")
    func untouched() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let network = "{type: lora, linear: 4, rank_dropout: 0.3}"
        var adapters: [Data?] = []
        for sample in [[], Self.sample] {
            let file = try scene.runFile(3, network: network, sample: sample)
            try await scene.train(file)
            adapters.append(
                RunScene.tensors(scene.bytes(scene.folder + "/out/run/run.safetensors"))
            )
            try FileManager.default.removeItem(atPath: scene.folder + "/out")
        }
        #expect(adapters[0] != nil && adapters[0] == adapters[1])
    }

    @Test("the same step of the same run gives the same preview; strength 0 shows the base model")
    func strength() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let lines = Self.sample.dropLast() + [#"prompts: ["a --m 0 --seed 4", "a --seed 4"]"#]
        let reports = Reports()
        try await scene.train(
            try scene.runFile(2, train: ["skip_first_sample: false"], sample: Array(lines)),
            listeners: [reports]
        )
        func bytes(_ step: Int, _ number: Int) throws -> [UInt8] {
            let report = try #require(reports.reports.first { $0.step == step }?.report)
            let reader = try ClipReader(path: report.previews[number].path)
            let geometry = FrameGeometry(
                scaledWidth: 64,
                scaledHeight: 64,
                cropX: 0,
                cropY: 0,
                cropWidth: 64,
                cropHeight: 64
            )
            return try reader.frames(indices: Array(0..<9), geometry: geometry).bytes
        }
        #expect(try bytes(0, 0) == bytes(0, 1))  // fresh adapters add nothing
        #expect(try bytes(2, 0) == bytes(0, 0))
        #expect(try bytes(2, 1) != bytes(0, 1))
    }

    @Test("a preview that cannot be made is told, the others are made, and training goes on")
    func failure() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let samples = scene.folder + "/out/run/samples"
        try FileManager.default.createDirectory(
            atPath: scene.folder + "/out/run",
            withIntermediateDirectories: true
        )
        try Data().write(to: URL(fileURLWithPath: samples))  // a file where the folder should be
        let reports = Reports()
        let result = try await scene.train(
            try scene.runFile(2, sample: Self.sample),
            listeners: [reports]
        )
        #expect(result.step == 2)
        let report = try #require(reports.reports.first?.report)
        #expect(report.previews == [] && report.failures.count == 2)
        #expect(report.failures.allSatisfy { $0.hasPrefix("preview ") && $0.contains("samples") })
    }

    @Test("disable_sampling makes none; a checkpoint without decoders says so in the plan")
    func none() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let disabled = try scene.runFile(
            1,
            train: ["disable_sampling: true"],
            sample: Self.sample
        )
        #expect(try await RunPlanner(disabled).plan().previewTimes == nil)
        let shown = try await RunPlanner(scene.runFile(1, sample: Self.sample)).plan().summary
        #expect(
            shown.contains(
                "previews  2 of 64x64x1, 64x64x9, every 2 steps, before the first step and after the last"
            )
        )
    }

    @Test("when memory runs out in a preview, training goes on with the same bits")
    func memory() async throws {
        await #expect(processExitsWith: .success) {
            let scene = try RunScene()
            try scene.addClips(1)
            let plain = try scene.runFile(3)
            try await scene.train(plain)
            let expected = RunScene.tensors(
                scene.bytes(scene.folder + "/out/run/run.safetensors")
            )
            try FileManager.default.removeItem(atPath: scene.folder + "/out")
            // Previews far larger than what is trained on; the steps fit, these do not.
            let large = [
                "sample_every: 1", "width: 1024", "height: 1024", "num_frames: 33",
                "sample_steps: 1", "guidance_scale: 1", #"prompts: ["a"]"#,
            ]
            let reports = Reports()
            Device.limitCPUMemory(Device.cpu.usedMemory + 24_000_000)
            try await scene.train(
                try scene.runFile(3, sample: large),
                listeners: [reports]
            )
            let found = RunScene.tensors(scene.bytes(scene.folder + "/out/run/run.safetensors"))
            #expect(expected != nil && found == expected)
            #expect(reports.reports.contains { !$0.report.failures.isEmpty })
        }
    }
}
