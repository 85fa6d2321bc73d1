import Adapters
import Foundation
import Safetensors
import Torch

/// Time and memory of merging two adapters of full size, beside copying them.
public struct MergeSpeed: Sendable {
    /// One way to bring two files into one, measured.
    public struct Row: Sendable {
        /// The way.
        public let name: String
        /// Median of the seconds until the result is there.
        public let seconds: Double
        /// Most bytes that were resident beyond mapped files, above those before.
        public let memory: Int
    }

    /// `cat A B > C`, whose bytes are not yet on disk at its end.
    public let plain: Row
    /// The same with the bytes brought to disk, which is what a merge does.
    public let synced: Row
    /// The ways to merge.
    public let rows: [Row]
    /// Bytes of one file.
    public let fileSize: Int

    /// Writes two files of `rank` for `blocks` blocks into a folder, merges them in every way, and removes them.
    ///
    /// All ways take turns, so that whatever else the machine does meets all of them.
    public init(folder: String, rank: Int = 32, blocks: Int = 48, rounds: Int = 5) async throws {
        let paths = ["A", "B"].map { folder + "/\($0).safetensors" }
        let goal = folder + "/C.safetensors"
        defer { for path in paths + [goal] { try? FileManager.default.removeItem(atPath: path) } }
        for (seed, path) in paths.enumerated() {
            try Self.write(to: path, seed: UInt64(seed), rank: rank, blocks: blocks)
        }
        fileSize = try SafetensorsFile(path: paths[0]).fileSize
        let cat = "cat '\(paths[0])' '\(paths[1])' > "
        // After a while without writes through the page cache the system holds the next ones back, however few:
        // so one that does not count comes first.
        var contests =
            [Contest("cat, the first") { try Self.shell("\(cat) '\(goal)'") }]
            + [Contest("cat A B > C") { try Self.shell("\(cat) '\(goal)'") }]
            + [Contest("cat and sync") { try Self.shell("\(cat) '\(goal)' && sync '\(goal)'") }]
        for mode in ["sum", "pick:1", "damp:0.5", "isolate:0.9", "protect:1"] {
            var request = MergeRequest(paths.map { AdapterChoice(path: $0) }, to: goal)
            request.modes = MergeModes(try MergeMode(parsing: mode, at: "mode"))
            let run = try MergeRun(request)
            contests.append(Contest(mode) { _ = try await run.run() })
        }
        for _ in 0..<max(1, rounds) {
            for index in contests.indices {
                try? FileManager.default.removeItem(atPath: goal)
                // All begin alike: the files in the page cache, nothing left to write from the one before.
                try Self.shell("sync; \(cat) /dev/null")
                try await contests[index].measure()
            }
        }
        (plain, synced) = (contests[1].row, contests[2].row)
        rows = contests.dropFirst(3).map(\.row)
    }

    /// One way and how it did so far.
    private struct Contest {
        let name: String
        let body: () async throws -> Void
        var seconds: [Double] = []
        var memory = 0

        init(_ name: String, _ body: @escaping () async throws -> Void) {
            (self.name, self.body) = (name, body)
        }

        mutating func measure() async throws {
            let watch = MemoryWatch()
            let start = ContinuousClock.now
            try await body()
            seconds.append(start.duration(to: .now).seconds)
            memory = max(memory, watch.end())
        }

        var row: Row {
            Row(name: name, seconds: seconds.sorted()[seconds.count / 2], memory: memory)
        }
    }

    private static func shell(_ command: String) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        process.arguments = ["-c", command]
        try process.run()
        process.waitUntilExit()
    }

    // MARK: - Files

    private static let sizes: [(name: String, input: Int, output: Int)] = {
        func attention(_ name: String, _ query: Int, _ key: Int, _ out: Int, _ inner: Int)
            -> [(String, Int, Int)]
        {
            [
                (name + ".to_q", query, inner), (name + ".to_k", key, inner),
                (name + ".to_v", key, inner), (name + ".to_out.0", inner, out),
            ]
        }
        return attention("attn1", 4096, 4096, 4096, 4096)
            + attention("attn2", 4096, 4096, 4096, 4096)
            + [("ff.net.0.proj", 4096, 16384), ("ff.net.2", 16384, 4096)]
            + attention("audio_attn1", 2048, 2048, 2048, 2048)
            + attention("audio_attn2", 2048, 2048, 2048, 2048)
            + [("audio_ff.net.0.proj", 2048, 8192), ("audio_ff.net.2", 8192, 2048)]
            + attention("audio_to_video_attn", 4096, 2048, 4096, 2048)
            + attention("video_to_audio_attn", 2048, 4096, 2048, 2048)
    }()

    /// Random factors in bfloat16, cut from one pool.
    private static func write(to path: String, seed: UInt64, rank: Int, blocks: Int) throws {
        let pool = try withTorchErrors {
            try (RandomGenerator(seed: seed).normal([1 << 22]) * 0.02).to(.bfloat16).bytes()
        }
        let entries = (0..<blocks).flatMap { block in
            sizes.flatMap { layer -> [SafetensorsEntry] in
                let name = "diffusion_model.transformer_blocks.\(block).\(layer.name)"
                return [
                    SafetensorsEntry(
                        name: name + ".lora_A.weight",
                        dtype: .bf16,
                        shape: [rank, layer.input]
                    ),
                    SafetensorsEntry(
                        name: name + ".lora_B.weight",
                        dtype: .bf16,
                        shape: [layer.output, rank]
                    ),
                ]
            }
        }
        let writer = try SafetensorsWriter(path: path, entries: entries, metadata: [:])
        for (number, entry) in entries.enumerated() {
            let room = pool.count - entry.storedBytes
            let start = number * 104_729 % (room / 2) * 2
            try pool.withUnsafeBytes {
                try writer.write(
                    entry.name,
                    UnsafeRawBufferPointer(rebasing: $0[start..<start + entry.storedBytes])
                )
            }
        }
        try writer.finish()
    }
}

extension MergeSpeed: CustomStringConvertible {
    /// A table.
    public var description: String {
        let size = String(format: "%.0f MB", Double(fileSize) / 1e6)
        let lines = ([plain, synced] + rows).map { row in
            String(
                format: "  %6.2f s  %5.2f × cat  %5.2f × cat and sync  %4d MB  ",
                row.seconds,
                row.seconds / plain.seconds,
                row.seconds / synced.seconds,
                row.memory / 1_000_000
            ) + row.name
        }
        return
            (["two files of \(size), medians of turns; what is merged is on disk at the end"]
            + lines)
            .joined(separator: "\n")
    }
}
