import Adapters
import Foundation
import Safetensors
import Testing

@testable import LoRATools

/// Files of many blocks through merges and tools: memory stays small, and cancelling leaves nothing.
@Suite("Merging, large files")
struct LargeFileTests {
    /// 64 MB: 32 layers of rank 64 and 8192 channels, all values alike.
    private static func write(_ name: String, in scene: AdapterScene) throws -> String {
        let entries = (0..<32).flatMap { block in
            [("lora_A", [64, 8192]), ("lora_B", [8192, 64])].map { part, shape in
                let path = "transformer_blocks.\(block).attn1.to_q"
                let key = KeyDialect.comfyUI.key(path, part)
                return SafetensorsEntry(name: key, dtype: .bf16, shape: shape)
            }
        }
        let path = scene.path(name)
        let writer = try SafetensorsWriter(path: path, entries: entries, metadata: [:])
        for entry in entries {
            try writer.write(entry.name, count: entry.storedBytes) { _, room in
                room.initializeMemory(as: UInt8.self, repeating: 0x3C)
            }
        }
        try writer.finish()
        return path
    }

    @Test(
        "a merge that is cancelled while its file is being written leaves none",
        arguments: ["sum", "pick:2"]
    )
    func cancelled(mode: String) async throws {
        let scene = try AdapterScene()
        let paths = try ["a", "b"].map { try Self.write($0, in: scene) }
        let before = scene.names
        var request = MergeRequest(paths.map { AdapterChoice(path: $0) }, to: scene.path("out"))
        request.modes = MergeModes(try MergeMode(parsing: mode, at: "mode"))
        let run = try MergeRun(request)
        let during = Names()
        await #expect(throws: CancellationError.self) {
            try await Task { [folder = scene.folder] in
                _ = try await run.run(progress: { _, _ in
                    during.look(folder)
                    withUnsafeCurrentTask { $0?.cancel() }
                })
            }.value
        }
        #expect(during.found.contains { $0.hasSuffix(".partial") })
        #expect(scene.names == before)
    }

    // Memory is counted for the whole process, so this has one of its own.

    @Test("merges and tools hold a few layers of large files, not the files")
    func memory() async {
        await #expect(processExitsWith: .success) {
            let scene = try AdapterScene()
            let paths = try ["a", "b"].map { try Self.write($0, in: scene) }
            for mode in ["sum", "pick:1"] {
                var request = MergeRequest(
                    paths.map { AdapterChoice(path: $0) },
                    to: scene.path("out")
                )
                request.modes = MergeModes(try MergeMode(parsing: mode, at: "mode"))
                // The result has 128 MB in a sum; what is measured is a few layers of 2 MB as numbers.
                let run = try MergeRun(request)
                let watch = MemoryWatch()
                _ = try await run.run()
                try #require(try LoRAFile(path: scene.path("out")).layers.count == 32)
                let most = watch.end()
                #expect(most < 100_000_000, "\(mode): \(most)")
            }
            let file = try LoRAFile(path: paths[0])
            let watch = MemoryWatch()
            _ = try LoRAConvert(to: .kohya).write(file, to: scene.path("kohya"))
            _ = try LoRASplit.write(file, stem: scene.folder + "/part")
            let most = watch.end()
            #expect(most < 30_000_000, "\(most)")
        }
    }
}

/// Names in a folder, seen from inside a merge.
private final class Names: @unchecked Sendable {
    // Safe because it is written by the merge's task and read when that has ended.
    private(set) var found: [String] = []

    func look(_ folder: String) {
        found += (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }
}
