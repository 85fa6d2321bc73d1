import Foundation
import JobControl
import RunStore
import Testing

/// The real trainer on the tiny checkpoint.
@Suite("A job of the real trainer") struct RealTrainingTests {
    private let scene: JobScene

    init() throws {
        scene = try JobScene()
        let clips = (#filePath as NSString).deletingLastPathComponent + "/../../Examples/clips"
        let target = scene.folder + "/clips"
        try FileManager.default.createDirectory(atPath: target, withIntermediateDirectories: true)
        for name in try FileManager.default.contentsOfDirectory(atPath: clips)
        where name.hasPrefix("01") || name.hasPrefix("04") {
            try FileManager.default.copyItem(
                atPath: "\(clips)/\(name)",
                toPath: "\(target)/\(name)"
            )
        }
    }

    private func makeModel() async throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: JobScene.likeness)
        process.arguments = ["tiny", scene.folder + "/model"]
        process.standardOutput = FileHandle.nullDevice
        try process.run()
        while process.isRunning { try await Task.sleep(for: .milliseconds(20)) }
        try #require(process.terminationStatus == 0)
    }

    @Test("starts, tells its numbers, stops with everything saved, resumes and completes")
    func wholeLife() async throws {
        try await makeModel()
        let supervisor = scene.trainer()
        let id = try await supervisor.create(runFile: scene.runFile(steps: 3000)).id
        try await supervisor.start(id)
        try await scene.wait(for: id, supervisor) { $0.step >= 2 || $0.state == .failed }
        try await supervisor.stop(id)
        let stopped = try await scene.end(of: id, supervisor)
        #expect(stopped.state == .stopped, "\(stopped.info)")
        #expect(
            stopped.info
                == "stopped after step \(stopped.step) of 3000; resuming goes on after step \(stopped.step)"
        )
        let last = stopped.step + 3
        try await supervisor.edit(id, runFile: scene.runFile(steps: last))
        try await supervisor.resume(id)
        let done = try await scene.end(of: id, supervisor)
        #expect(done.state == .completed && done.step == last, "\(done.info)")
        #expect(done.lossVideo != nil && done.lossAudio != nil && done.secondsPerStep != nil)
        try await expectCurves(of: id, steps: last)
        let ended = try #require(supervisor.folder(of: id).ending)
        #expect(ended.exitStatus == 0 && ended.peakBytes > 50 << 20)
    }

    private func expectCurves(of id: String, steps: Int) async throws {
        let metrics = scene.database.metrics
        let keys = try await metrics.keys(of: id)
        for key in ["loss", "loss_audio", "grad_norm_video", "lr", "seconds", "process_bytes"] {
            let points = try await metrics.series(of: id, keys: [key], points: 2000)[key] ?? []
            #expect(points.map(\.step) == (1...steps).map(Double.init), "\(key)")
        }
        #expect(keys.contains { $0.hasPrefix("error_video/q") })
        #expect(keys.contains { $0.hasPrefix("error_audio/q") })
        #expect(keys.contains { $0.hasPrefix("change/") })
    }
}
