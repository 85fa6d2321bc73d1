import Adapters
import Foundation
import Safetensors
import Testing
import Torch

@testable import LoRATools

/// What a merge promises of whole files, whatever the way.
@Suite("Merging, promises of files")
struct MergePromiseFileTests {
    private let scene: AdapterScene
    private let a: String
    private let b: String

    init() throws {
        scene = try AdapterScene(seed: 31)
        a = try scene.adapter("a")
        b = try scene.adapter("b", rank: 2, louder: [.video: 3])
    }

    private static let ways = ["sum", "isolate", "isolate:1", "protect:1", "damp", "damp:column"]

    @Test("strengths scale parts of B and leave all else, to the last bit", arguments: ways)
    func homogeneous(way: String) async throws {
        let mode = try MergeMode(parsing: way, at: "")
        try await expectHomogeneous { $0.modes = MergeModes(mode) }
    }

    @Test("so they do where inputs were measured")
    func calibratedHomogeneous() async throws {
        let place = try calibration()
        try await expectHomogeneous {
            $0.modes = MergeModes(MergeMode(.calibrated))
            $0.calibration = place
        }
    }

    private func expectHomogeneous(_ change: (inout MergeRequest) -> Void) async throws {
        let one = try await scene.merge([a, b], to: "one", change).file
        let more = try await scene.merge([a + ":2.5", b], to: "more", change).file
        for (p, q) in zip(one.layers, more.layers) {
            #expect(try scene.bytes(p, "lora_A") == scene.bytes(q, "lora_A"))
            let (x, y) = (try p.read("lora_B"), try q.read("lora_B"))
            let isSame = try withTorchErrors {
                let scaled = x.narrow(1, from: 0, count: 3) * 2.5
                return y.narrow(1, from: 0, count: 3).bytes() == scaled.bytes()
                    && y.narrow(1, from: 3, count: 2).bytes()
                        == x.narrow(1, from: 3, count: 2).bytes()
            }
            #expect(isSame, "\(p.path)")
        }
    }

    /// Random inputs of every layer for both files.
    private func calibration() throws -> String {
        let files = [try LoRAFile(path: a), try LoRAFile(path: b)]
        var tensors: [(name: String, tensor: Tensor)] = []
        for (p, q) in zip(files[0].layers, files[1].layers) {
            let (first, second) = (try p.read("lora_A"), try q.read("lora_A"))
            try withTorchErrors {
                let down = Tensor.concatenate([first, second], axis: 0)
                tensors.append((Calibration.name(p.path, Calibration.Key.ranks), Tensor([3, 2])))
                for number in 0..<2 {
                    let image = down.matmul(scene.normal([p.inputCount, 20]))
                    let gram = image.matmul(image.transposed)
                    tensors.append((Calibration.name(p.path, "\(number)"), gram))
                }
            }
        }
        let place = scene.path("calibration")
        let metadata = [
            Calibration.Key.format: Calibration.format,
            Calibration.Key.adapters: try files.map { try FileDigest.hex(path: $0.path) }
                .joined(separator: " "),
        ]
        try TensorFile(tensors, metadata: metadata).write(to: place)
        return place
    }

    @Test("an adapter of zeros changes nothing of the other", arguments: ways)
    func zero(way: String) async throws {
        var tensors = try scene.lowRank(AdapterScene.layers, rank: 2, dtype: .float32)
        for place in stride(from: 1, to: tensors.count, by: 2) {
            tensors[place].tensor = try withTorchErrors { tensors[place].tensor * 0 }
        }
        let zero = try scene.write("zero", tensors)
        let mode = try MergeMode(parsing: way, at: "")
        let merged = try await scene.merge([a, zero]) { $0.modes = MergeModes(mode) }.file
        for (layer, source) in zip(merged.layers, try LoRAFile(path: a).layers) {
            let (down, up) = (try layer.read("lora_A"), try layer.read("lora_B"))
            let kept = try withTorchErrors {
                (
                    down.narrow(0, from: 0, count: 3).bytes(),
                    up.narrow(1, from: 0, count: 3).contiguous().bytes()
                )
            }
            #expect(try kept.0 == scene.bytes(source, "lora_A"))
            #expect(try kept.1 == scene.bytes(source, "lora_B"))
        }
    }

    @Test(
        "names of every program are written and read back, the same bytes",
        arguments: KeyDialect.allCases
    )
    func dialects(dialect: KeyDialect) async throws {
        let sum = try await scene.merge([a, b], to: "sum").file
        let written = try await scene.merge([a, b], to: "written") { $0.dialect = dialect }.file
        #expect(written.dialect == dialect)
        let again = try await scene.merge([written.path], to: "again") { $0.dialect = .comfyUI }
            .file
        #expect(again.layers.map(\.path) == sum.layers.map(\.path))
        for (p, q) in zip(sum.layers, again.layers) {
            #expect(q.scale == 1)
            for part in ["lora_A", "lora_B"] {
                #expect(try scene.bytes(p, part) == scene.bytes(q, part))
            }
        }
    }

    @Test(
        "half a pair, ranks that differ, and a file cut short are refused; no file appears",
        arguments: ["pair", "rank", "short"]
    )
    func damaged(how: String) async throws {
        var tensors = try scene.lowRank(AdapterScene.layers, dtype: .float32)
        if how == "pair" { tensors.remove(at: 9) }
        if how == "rank" {
            tensors[9].tensor = try withTorchErrors { scene.normal([8, 4]) }
        }
        let bad = try scene.write("bad", tensors)
        if how == "short" {
            let data = try #require(FileManager.default.contents(atPath: bad))
            try data.dropLast(100).write(to: URL(fileURLWithPath: bad))
        }
        let before = scene.names
        let error = await #expect(throws: (any Error).self) { try await scene.merge([a, bad]) }
        let text = "\(try #require(error))"
        #expect(text.contains("bad.safetensors"))
        if how == "pair" { #expect(text.contains("attn1.to_q: has lora_A without lora_B")) }
        if how == "rank" {
            #expect(text.contains("attn1.to_q: has lora_B [8, 4] and lora_A [3, 8]"))
        }
        #expect(scene.names == before)
    }

    @Test("an input is never overwritten")
    func overwriting() async throws {
        let before = try Data(contentsOf: URL(fileURLWithPath: a))
        let error = await #expect(throws: MergeRefusal.self) {
            try await scene.merge([a, b], to: "a")
        }
        #expect(
            error?.description
                == "\(a): is an input, should be another file; name another file with -o"
        )
        #expect(try Data(contentsOf: URL(fileURLWithPath: a)) == before)
    }
}
