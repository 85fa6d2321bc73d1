import Foundation
import LTXModel
import Testing
import Torch

/// Memory while a model is read, measured in a process of its own.
@Suite("Memory while loading", .serialized) struct LoadingMemoryTests {
    @Test("two gigabytes are read one tensor at a time, in every format that they may end in")
    func streams() async throws {
        let scratch = try ScratchFolder()
        let path = scratch.path + "/large.safetensors"
        try LargeCheckpoint(blocks: 10).write(to: path)
        let size = try FileManager.default.attributesOfItem(atPath: path)[.size] as? Int ?? 0
        #expect(size > 1_900_000_000)
        let program = LikenessProgram(folder: scratch)
        for format in [nil, "int8"] {
            let arguments = ["model", "measure", path] + (format.map { ["--qtype", $0] } ?? [])
            let outcome = try await program.start(arguments).wait()
            #expect(outcome.status == 0, "\(outcome.errors)")
            let final = try number("weights", outcome.output)
            let peak = try number("memory", outcome.output)
            let share = format == nil ? 0.95...1.0 : 0.5...0.6
            #expect(share.contains(Double(final) / Double(size)))
            print(
                "evidence loading \(format ?? "bfloat16"): file \(size), weights \(final), peak \(peak)"
            )
            let limit = final + 300_000_000  // the program, its libraries, and one matrix
            #expect(peak > final && peak <= limit, "\(format ?? "bf16"): \(peak) of \(limit)")
        }
    }

    /// The number behind the first word of a line.
    private func number(_ word: String, _ output: String) throws -> Int {
        let line = output.split(separator: "\n").first { $0.hasPrefix(word) }
        let field = line?.split(separator: " ").dropFirst().first
        return try #require(field.flatMap { Int($0) }, "\(output)")
    }
}

/// A checkpoint of 200 MB per block in bfloat16, with all the names of a 2.3 transformer and drawn values.
struct LargeCheckpoint {
    let blocks: Int

    func write(to path: String) throws {
        let config = try config()
        let shapes = try AskedShapes.of(config)
        var header: [String: Any] = ["__metadata__": ["config": try config.text()]]
        var end = 0
        for (name, shape) in shapes {
            let bytes = 2 * shape.reduce(1, *)
            header["model.diffusion_model." + name] = [
                "dtype": "BF16", "shape": shape, "data_offsets": [end, end + bytes],
            ]
            end += bytes
        }
        try write(header, count: end, to: path)
    }

    private func config() throws -> ConfigObject {
        let widths: [String: Any] = [
            "num_layers": blocks, "num_attention_heads": 32, "attention_head_dim": 64,
            "cross_attention_dim": 2048, "audio_num_attention_heads": 32,
            "audio_attention_head_dim": 32, "audio_cross_attention_dim": 1024,
        ]
        let tests = (#filePath as NSString).deletingLastPathComponent
        let template = tests + "/../../Sources/Verification/Recordings/ltx23_single.safetensors"
        let stored = try ConfigObject(
            json: Data(AskedShapes.config(of: template).utf8),
            path: "config"
        )
        let transformer = try stored.object("transformer")
        return ConfigObject(
            ["transformer": transformer.values.merging(widths) { $1 }],
            path: "config"
        )
    }

    /// The same four megabytes of a normal distribution again and again.
    private func write(_ header: [String: Any], count: Int, to path: String) throws {
        _ = FileManager.default.createFile(atPath: path, contents: nil)
        let file = try #require(FileHandle(forWritingAtPath: path))
        let text = try JSONSerialization.data(withJSONObject: header)
        try file.write(
            contentsOf: withUnsafeBytes(of: UInt64(text.count).littleEndian) { Data($0) }
        )
        try file.write(contentsOf: text)
        let pool = try withTorchErrors {
            Data(try RandomGenerator(seed: 1).normal([1 << 21]).to(.bfloat16).bytes())
        }
        for start in stride(from: 0, to: count, by: pool.count) {
            try file.write(contentsOf: pool.prefix(count - start))
        }
        try file.close()
    }
}

extension ConfigObject {
    fileprivate func text() throws -> String {
        String(decoding: try JSONSerialization.data(withJSONObject: values), as: UTF8.self)
    }
}
