import Foundation
import RunFiles
import Safetensors
import Testing

@testable import Training

@Suite("Split files of a run") struct SplitFileTests {
    private func files(_ run: TestRun) throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: run.folder.path)
            .filter { $0.hasSuffix(".safetensors") }.sorted()
    }

    @Test("face and voice are beside the final adapter and each checkpoint, and go with it")
    func written() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, every: 1, kept: 1, splits: true)
        _ = try run.trainer.run(steps: 4)
        #expect(
            try files(run) == [
                "run.safetensors", "run_000000003.safetensors", "run_000000003_face.safetensors",
                "run_000000003_voice.safetensors", "run_face.safetensors", "run_voice.safetensors",
            ]
        )
    }

    @Test("together they are the adapter, byte by byte")
    func whole() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place, splits: true)
        _ = try run.trainer.run(steps: 1)
        let whole = try SafetensorsFile(path: run.folder.adapter)
        let parts = try ["face", "voice"].map {
            try SafetensorsFile(path: "\(run.folder.path)/run_\($0).safetensors")
        }
        #expect(parts.map(\.names.count).reduce(0, +) == whole.names.count)
        for part in parts {
            #expect(part.metadata["split_from"] == "run.safetensors")
            for name in part.names {
                let bytes = part.withBytes(of: name) { Array($0) }
                #expect(bytes != nil && bytes == whole.withBytes(of: name) { Array($0) })
                let isVoice =
                    name.contains(".audio_attn") || name.contains(".audio_ff")
                    || name.contains(".video_to_audio_attn")
                #expect(isVoice == part.path.hasSuffix("_voice.safetensors"))
            }
        }
    }

    @Test("without the wish there are none")
    func notAsked() throws {
        let place = try TemporaryFolder()
        let run = try TestRun(in: place)
        _ = try run.trainer.run(steps: 1)
        #expect(try files(run) == ["run.safetensors"])
    }
}
