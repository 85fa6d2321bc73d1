import Adapters
import Foundation
import RunFiles
import Safetensors
import Testing
import Torch

@testable import Training

@Suite("Statistics at the end of a run") struct AdapterStatisticsTests {
    private func run(_ place: TemporaryFolder, _ name: String, measures: Bool) throws -> TestRun {
        let run = try TestRun(in: place, name: name, filled: true)
        guard measures else { return run }
        run.trainer.statistics = AdapterStatistics(
            transformer: run.transformer,
            network: run.network,
            noise: FlowMatching(options: FlowMatching.Options(), device: .cpu, seed: 5),
            batches: try TestRun.clips().map { TrainingFixture.batch([$0]) }
        )
        return run
    }

    /// Everything that a run leaves but the header, which names the run.
    private func results(_ run: TestRun) throws -> [[UInt8]] {
        let files = [
            run.folder.adapter, run.folder.latestState + "/adapter.safetensors",
            run.folder.latestState + "/optimizer.safetensors",
        ]
        return try files.flatMap { path in
            let file = try SafetensorsFile(path: path)
            return file.names.sorted().map { file.withBytes(of: $0) { Array($0) } ?? [] }
        }
    }

    @Test("the run is the same to the last bit with them and without")
    func sameRun() throws {
        let place = try TemporaryFolder()
        let with = try run(place, "with", measures: true)
        let without = try run(place, "without", measures: false)
        for run in [with, without] { _ = try run.trainer.run(steps: 3) }
        #expect(try results(with) == results(without))
        #expect(try with.bytes == without.bytes)
        #expect(FileManager.default.fileExists(atPath: with.folder.statistics))
        #expect(!FileManager.default.fileExists(atPath: without.folder.statistics))
        // The layers compute with their adapters again.
        #expect(with.network.members.allSatisfy { $0.layer.adapter === $0.adapter })
    }

    @Test("every adapted layer has rows, and layers of an attention share them")
    func layers() throws {
        let place = try TemporaryFolder()
        let run = try run(place, "run", measures: true)
        _ = try run.trainer.run(steps: 1)
        let file = try SafetensorsFile(path: run.folder.statistics)
        let text = try #require(file.metadata["layers"])
        let owners = try JSONDecoder().decode([String: String].self, from: Data(text.utf8))
        #expect(Set(owners.keys) == Set(run.network.members.map(\.layer.path)))
        #expect(Set(owners.values) == Set(file.names))
        let attention = "transformer_blocks.0.attn1"
        #expect(owners["\(attention).to_k"] == "\(attention).to_q")
        #expect(owners["\(attention).to_v"] == "\(attention).to_q")
        #expect(owners["\(attention).to_out.0"] == "\(attention).to_out.0")
        let cross = "transformer_blocks.0.audio_to_video_attn"
        #expect(owners["\(cross).to_v"] == "\(cross).to_k")
        #expect(owners["\(cross).to_q"] == "\(cross).to_q")
        for name in file.names {
            let info = try #require(file.info(name))
            #expect(info.dtype == .bf16 && info.shape[0] <= AdapterStatistics.rowCount)
        }
    }

    @Test("a run that is stopped before its last step has none, and an earlier run's go")
    func stopped() throws {
        let place = try TemporaryFolder()
        let first = try run(place, "run", measures: true)
        _ = try first.trainer.run(steps: 1)
        #expect(FileManager.default.fileExists(atPath: first.folder.statistics))
        let second = try run(place, "run", measures: false)
        _ = try second.trainer.run(steps: 2)
        #expect(!FileManager.default.fileExists(atPath: second.folder.statistics))
        let third = try run(place, "run", measures: true)
        let stop = StopRequest()
        stop.ask()
        _ = try third.trainer.run(steps: 2, stop: stop)
        #expect(!FileManager.default.fileExists(atPath: third.folder.statistics))
    }
}
