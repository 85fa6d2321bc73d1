import Adapters
import Safetensors
import Testing
import Torch

@testable import LoRATools

/// Damping over columns, layers, pathways and files, against dense matrices.
@Suite("Merging, damping")
struct MergeDampTests {
    private let scene: AdapterScene
    private let loud: String
    private let quiet: String

    init() throws {
        scene = try AdapterScene(seed: 9)
        loud = try scene.adapter("loud", louder: [.video: 6])
        quiet = try scene.adapter("quiet", rank: 2)
    }

    /// `Σ ΔWᵢ min(1, (mean / own)^½)` of all layers, with magnitudes over groups of them.
    private func expected(_ group: (LoRALayer) -> String) throws -> [Tensor] {
        let files = [try LoRAFile(path: loud), try LoRAFile(path: quiet)]
        let changes = try files.map { try $0.layers.map(denseChange) }
        let groups = files[0].layers.map(group)
        return try withTorchErrors {
            groups.indices.map { index in
                let own = groups.indices.filter { groups[$0] == groups[index] }
                let sizes = changes.map { changes in
                    own.reduce(0) { $0 + changes[$1].inner(changes[$1]) }.squareRoot()
                }
                let mean = (sizes[0] + sizes[1]) / 2
                let isOff = max(sizes[0], sizes[1]) < 1.5 * min(sizes[0], sizes[1])
                let factors = sizes.map { isOff ? 1 : min(1, (mean / $0).squareRoot()) }
                return changes[0][index] * factors[0] + changes[1][index] * factors[1]
            }
        }
    }

    @Test(
        "layers, pathways and files are damped as the dense rule says",
        arguments: [DampMethod.Granularity.module, .pathway, .file]
    )
    func dense(granularity: DampMethod.Granularity) async throws {
        let merged = try await scene.merge([loud, quiet]) {
            $0.modes = MergeModes(MergeMode(.damp, granularity: granularity))
        }
        let wanted = try expected { layer in
            switch granularity {
            case .module, .column: layer.path
            case .pathway: MergeModes.name(of: layer.pathway)
            case .file: ""
            }
        }
        for (layer, wanted) in zip(merged.file.layers, wanted) {
            let distance = try withTorchErrors {
                try denseChange(layer).distance(from: wanted)
            }
            #expect(distance < 1e-6, "\(layer.path)")
        }
    }

    @Test("what is not said compares pathways; strength and part stand behind the way")
    func syntax() throws {
        let whole = try MergeMode(parsing: "damp:0.25:file", at: "")
        #expect(whole == MergeMode(.damp, strength: 0.25, granularity: .file))
        #expect(whole.description == "damp:0.25:file")
        #expect(try MergeMode(parsing: "damp:column", at: "").description == "damp:column")
        let request = MergeRequest([], to: "")
        let method = request.method(try MergeMode(parsing: "damp:0.5", at: ""))
        let damp = try #require(method as? DampMethod)
        #expect(damp.granularity == .pathway && damp.strength == 0.5 && damp.threshold == 1.5)
        for text in ["damp:layer", "damp:file:0.5", "damp:0.5:0.5", "isolate:column"] {
            let error = #expect(throws: LoRAError.self) { try MergeMode(parsing: text, at: "a") }
            #expect(error?.description.contains("should be a strength from 0 to 1") == true)
        }
    }

    @Test("pathways in which no file is 1.5 times as loud keep their bytes")
    func threshold() async throws {
        let (sum, damped) = (
            try await scene.merge([loud, quiet], to: "sum").file,
            try await scene.merge([loud, quiet]) { $0.modes = MergeModes(MergeMode(.damp)) }.file
        )
        let files = [try LoRAFile(path: loud), try LoRAFile(path: quiet)]
        for name in ["audio_to_video", "video_to_audio"] {
            let place = try #require(
                sum.layers.firstIndex { MergeModes.name(of: $0.pathway) == name }
            )
            let sizes = try files.map { try length(denseChange($0.layers[place])) }
            guard sizes.max() ?? 0 < 1.5 * (sizes.min() ?? 0) else { continue }
            for part in ["lora_A", "lora_B"] {
                #expect(
                    try scene.bytes(sum.layers[place], part)
                        == scene.bytes(damped.layers[place], part)
                )
            }
        }
    }

    @Test("a layer that one file alone has is left as it is")
    func alone() async throws {
        let layers = AdapterScene.layers.filter { $0.path != "transformer_blocks.1.ff.net.0.proj" }
        let less = try scene.write("less", scene.lowRank(layers, dtype: .float32))
        let merged = try await scene.merge([loud, less]) {
            $0.modes = MergeModes(MergeMode(.damp, strength: 1))
        }.file
        let source = try LoRAFile(path: loud)
        let place = try #require(source.layers.firstIndex { $0.path.hasSuffix("ff.net.0.proj") })
        for part in ["lora_A", "lora_B"] {
            #expect(
                try scene.bytes(merged.layers[place], part)
                    == scene.bytes(source.layers[place], part)
            )
        }
    }

    @Test("the report says which file was made quieter, by how much, and that weights cannot judge")
    func words() async throws {
        let report = try await scene.merge([loud, quiet]) {
            ($0.modes, $0.measuresAll) = (MergeModes(MergeMode(.damp)), true)
        }.report
        let video = try #require(report.pathways.first { $0.pathway == "video" })
        #expect(video.normsAfter[0] < 0.9 * video.norms[0])
        #expect(abs(video.normsAfter[1] - video.norms[1]) < 1e-5 * video.norms[1])
        let share = (1 - video.normsAfter[0] / video.norms[0]).percent
        #expect(report.text.contains("video: made quieter: loud.safetensors by \(share) (norms "))
        #expect(report.text.contains("by mistake or by right, weights cannot tell"))
    }

    @Test("measuring before the merge is told layer by layer, and cancelled leaves no file")
    func measuring() async throws {
        var request = MergeRequest(
            [loud, quiet].map { AdapterChoice(path: $0) },
            to: scene.path("out")
        )
        request.modes = MergeModes(MergeMode(.damp))
        let run = try MergeRun(request)
        let before = scene.names
        let work = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await run.run()
        }
        await #expect(throws: CancellationError.self) { try await work.value }
        #expect(scene.names == before)
        var told: [Int] = []
        _ = try await run.run(measuring: { done, total in
            told.append(done)
            #expect(total == run.sharedCount)
        })
        #expect(told == Array(1...run.sharedCount))
    }
}
