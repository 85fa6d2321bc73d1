import Adapters
import Foundation
import LTXModel
import Safetensors
import Testing
import Torch

@testable import LoRATools

/// Whole files through a merge: bytes, refusals, and that nothing is left after a failure.
@Suite("Merging, files")
struct MergeFileTests {
    private static let layers = AdapterScene.layers
    private let scene: AdapterScene

    init() throws { scene = try AdapterScene() }

    private func file(
        _ name: String,
        rank: Int = 3,
        dialect: KeyDialect = .comfyUI,
        alpha: Double? = nil,
        dtype: DType = .bfloat16,
        metadata: [String: String] = [:]
    ) throws -> String {
        try scene.write(
            name,
            scene.lowRank(Self.layers, rank: rank, dialect: dialect, dtype: dtype, alpha: alpha),
            metadata: metadata
        )
    }

    private func merge(
        _ paths: [String],
        to name: String = "out",
        _ change: (inout MergeRequest) throws -> Void = { _ in }
    ) async throws -> LoRAFile {
        var request = MergeRequest(
            try paths.map { try AdapterChoice(parsing: $0) },
            to: scene.path(name)
        )
        try change(&request)
        _ = try await MergeRun(request).run()
        return try LoRAFile(path: request.output)
    }

    private func bytes(_ layer: LoRALayer, _ part: String) throws -> [UInt8] {
        let stored = try #require(layer.part(part))
        return layer.file.withBytes(of: stored.stored.name) { Array($0) } ?? []
    }

    // MARK: - Exact

    @Test(
        "the sum at strength 1 is the factors one beside the other, byte by byte, whatever the spelling"
    )
    func sumIsByteExact() async throws {
        let (a, b) = (try file("a"), try file("b", rank: 5, dialect: .kohya))
        let merged = try await merge([a, b])
        let (first, second) = (try LoRAFile(path: a), try LoRAFile(path: b))
        #expect(merged.layers.map(\.path) == first.layers.map(\.path))
        for (number, layer) in merged.layers.enumerated() {
            let (p, q) = (first.layers[number], second.layers[number])
            let down = try bytes(p, "lora_A") + bytes(q, "lora_A")
            #expect(try bytes(layer, "lora_A") == down)
            let up = try withTorchErrors {
                try Tensor.concatenate([p.read("lora_B"), q.read("lora_B")], axis: 1).bytes()
            }
            #expect(try bytes(layer, "lora_B") == up)
        }
    }

    @Test("alphas and strengths are multiplied into B once")
    func scales() async throws {
        let (a, b) = (try file("a", alpha: 6, dtype: .float32), try file("b", dtype: .float32))
        let merged = try await merge([a, b + ":0.5"])
        let (first, second) = (try LoRAFile(path: a), try LoRAFile(path: b))
        for (number, layer) in merged.layers.enumerated() {
            let sum = try withTorchErrors {
                let (p, q) = (
                    try first.layers[number].factors(), try second.layers[number].factors()
                )
                let expected = p.dense + q.dense * 0.5
                return try layer.factors().dense.distance(from: expected)
            }
            #expect(sum < 1e-6)
        }
    }

    @Test("face of one and voice of another: every tensor is that of its source, no rank is added")
    func pick() async throws {
        let (a, b) = (try file("a", alpha: 1), try file("b", rank: 5))
        let merged = try await merge([a, b]) {
            try $0.modes.set(parsing: "face=pick:1,voice=pick:2,other=pick:1", at: "test")
        }
        let (first, second) = (try LoRAFile(path: a), try LoRAFile(path: b))
        for (number, layer) in merged.layers.enumerated() {
            let isVoice = [Pathway.audio, .videoToAudio].contains(layer.pathway)
            let source = (isVoice ? second : first).layers[number]
            #expect(layer.rank == source.rank)
            #expect(layer.alpha == source.alpha)
            for part in ["lora_A", "lora_B"] {
                #expect(try bytes(layer, part) == bytes(source, part))
            }
        }
    }

    @Test("one file alone passes through bit by bit, under the names that are asked for")
    func single() async throws {
        let a = try file("a", dialect: .kohya, alpha: 2)
        let merged = try await merge([a]) { $0.dialect = .comfyUI }
        #expect(merged.dialect == .comfyUI)
        for (layer, source) in zip(merged.layers, try LoRAFile(path: a).layers) {
            for part in ["lora_A", "lora_B", "alpha"] {
                #expect(try bytes(layer, part) == bytes(source, part))
            }
        }
    }

    @Test("isolation at strength 0 writes the bytes of the sum")
    func strengthZero() async throws {
        let (a, b) = (try file("a"), try file("b"))
        let sum = try await merge([a, b], to: "sum")
        let none = try await merge([a, b], to: "none") {
            $0.modes = MergeModes(MergeMode(.isolate, strength: 0))
        }
        for (p, q) in zip(sum.layers, none.layers) {
            for part in ["lora_A", "lora_B"] { #expect(try bytes(p, part) == bytes(q, part)) }
        }
    }

    @Test(
        "the same bytes with one thread, with two and with four",
        arguments: [
            MergeMode.Kind.sum, .isolate, .damp, .protect,
        ]
    )
    func threads(kind: MergeMode.Kind) async throws {
        let (a, b) = (try file("a"), try file("b", rank: 4))
        let mode = MergeMode(kind, adapter: kind.namesAdapter ? 0 : nil)
        var contents: [Data] = []
        for threads in [1, 2, 4] {
            _ = try await merge([a, b], to: "out\(threads)") {
                ($0.modes, $0.threads) = (MergeModes(mode), threads)
            }
            contents.append(try Data(contentsOf: URL(fileURLWithPath: scene.path("out\(threads)"))))
        }
        #expect(contents[0] == contents[1] && contents[0] == contents[2])
    }

    // MARK: - Kinds

    @Test("LoKr and LoHa take part as the LoRAs that they are")
    func otherKinds() async throws {
        let path = "transformer_blocks.0.attn1.to_q"
        let (w1, a, b) = try withTorchErrors {
            (scene.normal([2, 2]), scene.normal([4, 2]), scene.normal([2, 4]))
        }
        let lokr = try scene.write(
            "lokr",
            [
                ("diffusion_model.\(path).lokr_w1", w1), ("diffusion_model.\(path).lokr_w2_a", a),
                ("diffusion_model.\(path).lokr_w2_b", b),
                ("diffusion_model.\(path).alpha", .full([], 1)),
            ]
        )
        let parts = try withTorchErrors {
            [[8, 2], [2, 8], [8, 2], [2, 8]].map { scene.normal($0) }
        }
        let loha = try scene.write(
            "loha",
            zip(["w1_a", "w1_b", "w2_a", "w2_b"], parts).map {
                ("diffusion_model.\(path).hada_\($0)", $1)
            }
        )
        let merged = try await merge([lokr, loha])
        let distance = try withTorchErrors {
            let first = w1.kronecker(with: a.matmul(b)) * 0.5
            let second = parts[0].matmul(parts[1]) * parts[2].matmul(parts[3])
            return try merged.layers[0].factors().dense.distance(from: first + second)
        }
        #expect(distance < 1e-5)
        #expect(merged.layers[0].rank == 8)
    }

    // MARK: - Metadata and measures

    @Test("the file names its sources, ways and measures")
    func metadata() async throws {
        let (a, b) = (
            try file("a", metadata: ["trigger_word": "ana"]),
            try file("b", metadata: ["trigger_word": "bo"])
        )
        let merged = try await merge([a, b + ":0.5"]) {
            $0.modes = MergeModes(MergeMode(.isolate))
        }
        let text = try #require(merged.metadata["likeness_merge"])
        for word in [
            "a.safetensors", "\"sha256\":\"", "isolate", "\"strength\":\"0.5\"", "crossingAfter",
        ] {
            #expect(text.contains(word), "\(word)")
        }
        #expect(text.contains(try FileDigest.hex(path: a)))
        #expect(merged.metadata["trigger_word"] == "ana, bo")
    }

    @Test("the report says what was reduced, never that it is gone")
    func report() async throws {
        let (a, b) = (try file("a"), try file("b"))
        var request = MergeRequest([a, b].map { AdapterChoice(path: $0) }, to: scene.path("out"))
        request.modes = MergeModes(MergeMode(.isolate))
        let report = try await MergeRun(request).run()
        #expect(report.text.contains("reduced by"))
        #expect(!report.text.contains("eliminat"))
        let page = MergeReportPage(report).html
        #expect(page.contains("<svg") && page.contains("transformer") == false)
        #expect(!page.contains("http"))
        for row in report.pathways where row.measured > 0 {
            #expect(row.crossingAfter <= row.crossingBefore)
        }
    }

    // MARK: - Refusals

    @Test(
        "files of different versions, shapes and models are refused, all at once where that can be known"
    )
    func refusals() async throws {
        let a = try file("a")
        let other = try scene.write(
            "other",
            scene.lowRank([
                ("transformer_blocks.0.attn1.to_q", 8, 6),
                ("transformer_blocks.0.attn2.to_out.0", 4, 8),
            ])
        )
        await #expect(throws: MergeRefusal.self) { try await merge([a, other]) }
        let error = try await refusal([a, other])
        #expect(error.faults.count == 2)
        #expect(error.description.contains("is for a matrix [6, 8], in"))
        let far = try scene.write("far", scene.lowRank([("transformer_blocks.7.attn1.to_q", 8, 8)]))
        #expect(try await refusal([a, far]).description.contains("has no layer in common"))
        let new = try scene.write(
            "new",
            scene.lowRank(Self.layers.filter { $0.path.contains("blocks.0.attn") }),
            metadata: ["ss_base_model_version": "ltx2"]
        )
        #expect(try await refusal([a, new]).description.contains("should be for the same"))
    }

    private func refusal(_ paths: [String]) async throws -> MergeRefusal {
        do {
            _ = try await merge(paths)
        } catch let error as MergeRefusal {
            #expect(!FileManager.default.fileExists(atPath: scene.path("out")))
            return error
        }
        throw LoRAError(at: "test", "was merged", fix: "")
    }

    @Test(
        "values that are not finite are refused with their layer, and no file is left",
        arguments: [
            MergeMode.Kind.sum, .isolate,
        ]
    )
    func notFinite(kind: MergeMode.Kind) async throws {
        let a = try file("a")
        var tensors = try scene.lowRank(Self.layers)
        tensors[9].tensor = try withTorchErrors { tensors[9].tensor * .infinity }
        let b = try scene.write("b", tensors)
        let before = scene.names
        let error = await #expect(throws: LoRAError.self) {
            try await merge([a, b]) { $0.modes = MergeModes(MergeMode(kind)) }
        }
        #expect(error?.description.contains("not finite") == true)
        #expect(error?.description.contains("transformer_blocks.0.attn1.to_q") == true)
        #expect(scene.names == before)
    }

    @Test("a cancelled merge leaves no file")
    func cancelled() async throws {
        let (a, b) = (try file("a"), try file("b"))
        let before = scene.names
        let request = MergeRequest([a, b].map { AdapterChoice(path: $0) }, to: scene.path("out"))
        let work = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await MergeRun(request).run()
        }
        await #expect(throws: (any Error).self) { try await work.value }
        #expect(scene.names == before)
    }

    @Test("a DoRA without the base model is refused, as is keeping it apart by a way for LoRAs")
    func magnitudes() async throws {
        let a = try file("a")
        let layer = Self.layers[4]
        var tensors = try scene.lowRank([layer])
        tensors.append(
            (
                "diffusion_model.\(layer.path).lora_magnitude_vector",
                try withTorchErrors { scene.normal([8]) }
            )
        )
        let dora = try scene.write("dora", tensors)
        #expect(try await refusal([a, dora]).description.contains("give the model with --base"))
    }

    @Test("ways that name files which are not there are refused")
    func unknownFile() async throws {
        let (a, b) = (try file("a"), try file("b"))
        let request = try {
            var request = MergeRequest(
                [a, b].map { AdapterChoice(path: $0) },
                to: scene.path("out")
            )
            try request.modes.set(parsing: "voice=pick:3", at: "--pathway")
            return request
        }()
        let error = #expect(throws: MergeRefusal.self) { try MergeRun(request) }
        #expect(error?.description.contains("pick:3: names file 3, there are 2") == true)
    }

    @Test(
        "words for ways are read, others refused",
        arguments: [
            ("isolat", "is no way to merge"), ("pick", "names no adapter"),
            ("pick:0", "names no adapter"),
            ("isolate:2", "should be a strength from 0 to 1"), ("sum:0.5", "have nothing there"),
        ]
    )
    func words(text: String, says: String) throws {
        let error = #expect(throws: LoRAError.self) { try MergeMode(parsing: text, at: "--mode") }
        #expect(error?.description.contains(says) == true)
        #expect(try MergeMode(parsing: "protect:2:0.5", at: "").description == "protect:2:0.5")
    }
}
