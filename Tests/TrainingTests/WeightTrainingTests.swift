import Adapters
import Foundation
import LTXModel
import RunFiles
import Safetensors
import Testing
import Torch

@testable import Training

/// Training the transformer's own weights, a block at a time.
@Suite("Training of whole transformers") struct WeightTrainingTests {
    private static func adamw(_ parameters: [Tensor]) -> any Optimizer { AdamW(parameters) }

    private static func adafactor(_ parameters: [Tensor]) -> any Optimizer {
        var options = Adafactor.Options()
        options.beta1 = 0.9
        return Adafactor(parameters, options: options)
    }

    @Test(
        "ten steps block by block are ten steps of plain autograd over everything",
        arguments: ["adamw", "adafactor"],
        [Checkpointing.all, .none]
    )
    func parity(name: String, checkpointing: Checkpointing) throws {
        let make = name == "adamw" ? Self.adamw : Self.adafactor
        let own = try WeightScene()
        own.options.checkpointing = checkpointing
        let plain = try WeightScene()
        let step = try own.step(make)
        let optimizer = try withTorchErrors { make(plain.weights.parameters) }
        let before = try own.bytes
        let batches = try WeightScene.batches()
        for done in 0..<10 {
            let batch = batches[done % 2]
            _ = try step.run([batch], after: done)
            try plain.plainStep(optimizer, batch, done: done)
        }
        #expect(own.named.count == own.weights.parameters.count)
        let after = try own.bytes
        for (index, (a, b)) in zip(own.weights.parameters, plain.weights.parameters).enumerated() {
            let difference = a.detach().relativeDifference(from: b.detach())
            #expect(difference < 1e-6, "\(own.named[index].name) \(difference)")
        }
        // What a loss of both modalities reaches is all of it.
        let same = zip(before, after).enumerated().filter { $0.element.0 == $0.element.1 }
        #expect(same.map { own.named[$0.offset].name } == [])
    }

    @Test("of LTX-2.0 the projection of the texts inside the transformer is trained too")
    func projection() throws {
        let (own, plain) = try (WeightScene(model: "ltx20"), WeightScene(model: "ltx20"))
        let step = try own.step(Self.adamw)
        let optimizer = try withTorchErrors { Self.adamw(plain.weights.parameters) }
        let before = try own.bytes
        let whole = try TrainingFixture.item("a", seed: 1)
        let random = try RandomGenerator(seed: 8)
        let text = try withTorchErrors {
            TextContext(video: random.normal([1, 5, 24]), audio: random.normal([1, 5, 24]))
        }
        let batch = TrainingFixture.batch([
            TrainingItem(name: "a", video: whole.video, audio: whole.audio, text: text)
        ])
        for done in 0..<3 {
            _ = try step.run([batch], after: done)
            try plain.plainStep(optimizer, batch, done: done)
        }
        let after = try own.bytes
        var projections = 0
        for (index, weight) in own.named.enumerated() {
            let expected = plain.weights.parameters[index].detach()
            let difference = weight.tensor.detach().relativeDifference(from: expected)
            #expect(difference < 1e-6, "\(weight.name) \(difference)")
            guard weight.name.contains("caption_projection") else { continue }
            #expect(before[index] != after[index])
            projections += 1
        }
        #expect(projections == 8)
    }

    @Test("stepping blocks at once is collecting first, bit for bit")
    func bothWays() throws {
        var found: [[[UInt8]]] = []
        for use in [GradientUse.blockwise, .collected] {
            for dtype in [DType.float32, .bfloat16] {
                let scene = try WeightScene(dtype: dtype)
                scene.options.gradientUse = use
                let step = try scene.step(Self.adamw)
                let batches = try WeightScene.batches()
                for done in 0..<3 { _ = try step.run([batches[done % 2]], after: done) }
                found.append(try scene.bytes)
            }
        }
        #expect(found[0] == found[2])
        #expect(found[1] == found[3])
    }

    @Test("never are there the gradients of two blocks")
    func memory() async {
        await #expect(processExitsWith: .success) {
            func peak(_ use: GradientUse?) throws -> (bytes: Int, block: Int) {
                let scene = try DrawnWeightScene()
                if let use { scene.options.gradientUse = use }
                let optimizer: any Optimizer =
                    use == nil ? NoOptimizer() : AdamW(scene.weights.parameters)
                scene.options.gradientUse = use ?? .blockwise
                let step = scene.step(optimizer)
                let batch = TrainingFixture.batch([try TrainingFixture.item("a", seed: 1)])
                _ = try step.run([batch], after: 0)
                let before = Device.cpu.usedMemory
                Device.cpu.resetPeakMemory()
                _ = try step.run([batch], after: 1)
                return (Device.cpu.peakMemory - before, scene.blockBytes)
            }
            let least = try peak(nil)
            let blockwise = try peak(.blockwise)
            let collected = try peak(.collected)
            let block = least.block
            #expect(blockwise.bytes - least.bytes < block / 2, "\(blockwise) \(least)")
            #expect(collected.bytes - blockwise.bytes > 4 * block, "\(collected) \(blockwise)")
        }
    }

    @Test("a loss that is no number changes no weight")
    func brokenLoss() throws {
        let scene = try WeightScene()
        let before = try scene.bytes
        let step = try scene.step(Self.adamw)
        let report = try step.run([TrainingFixture.batch([TestRun.broken()])], after: 0)
        #expect(report.skipped == "a loss or gradient is not a finite number")
        #expect(try scene.bytes == before)
    }

    @Test("a block whose gradients are no numbers is left as it is, and counted")
    func brokenBlock() throws {
        try withTorchErrors {
            let parameters = [Tensor.full([4], 1), .full([4], 1), .full([4], 1)]
            let change = ParameterChange(
                optimizer: Lion(parameters),
                parameters: parameters,
                rates: [0.5, 0.5, 0.5],
                maxNorm: 1,
                place: (1, 0)
            )
            let update = BlockwiseUpdate(change, writesAudio: [false, true, false])
            for (index, value) in [2, Double.nan, 1].enumerated() {
                update.add(.full([4], value), at: index)
                update.finishSegment()
            }
            var report = StepReport()
            update.describe(&report)
            #expect(report.skippedBlocks == 1 && report.skipped == nil)
            #expect(report.videoGradientNorm == 20.0.squareRoot() && report.audioGradientNorm == 0)
            #expect(parameters.map { $0.floats()[0] } == [0.5, 1, 0.5])
        }
    }

    @Test("blocks are clipped by their own norms")
    func clipping() throws {
        try withTorchErrors {
            let parameters = [Tensor.zeros([4]), .zeros([4])]
            let change = ParameterChange(
                optimizer: PlainSteps(),
                parameters: parameters,
                rates: [1, 1],
                maxNorm: 1,
                place: (1, 0)
            )
            let update = BlockwiseUpdate(change, writesAudio: [false, false])
            for (index, value) in [5.0, 0.25].enumerated() {
                update.add(.full([4], value), at: index)
                update.finishSegment()
            }
            #expect(abs(parameters[0].floats()[0] + 0.5) < 1e-6)
            #expect(parameters[1].floats()[0] == -0.25)
        }
    }

    @Test("a failure after the first changed block saves nothing of the step")
    func failureHalfWay() throws {
        let place = try TemporaryFolder()
        let scene = try WeightScene()
        let folder = RunFolder(path: place.path + "/run", name: "run")
        let trainer = try scene.trainer(folder) { FailingSteps(AdamW($0), from: 2) }
        let error = #expect(throws: TrainingError.self) { try trainer.run(steps: 2) }
        let text = try #require(error).description
        #expect(text.hasPrefix("step 1: the optimizer failed half way ("))
        #expect(text.contains("go on with --resume from the last saved state"))
        #expect(!FileManager.default.fileExists(atPath: folder.states))
    }

    @Test("three steps and three are six, bit for bit", arguments: [DType.float32, .bfloat16])
    func resuming(dtype: DType) throws {
        let place = try TemporaryFolder()
        let whole = try WeightScene(dtype: dtype)
        let once = RunFolder(path: place.path + "/whole", name: "whole")
        _ = try whole.trainer(once, Self.adamw).run(steps: 6)

        let folder = RunFolder(path: place.path + "/parts", name: "parts")
        _ = try WeightScene(dtype: dtype).trainer(folder, Self.adamw).run(steps: 3)
        let second = try WeightScene(dtype: dtype)
        let trainer = try second.trainer(folder, Self.adamw)
        #expect(try trainer.resume(from: folder.latestState) == 3)
        _ = try trainer.run(steps: 6)
        #expect(try second.bytes == whole.bytes)
        #expect(try second.bytes != WeightScene(dtype: dtype).bytes)
    }

    @Test("the saved file is a checkpoint with all names of the first, and reads as the same model")
    func file() throws {
        let place = try TemporaryFolder()
        let scene = try WeightScene(rules: Self.rules(only: ["transformer_blocks.1."]))
        let folder = RunFolder(path: place.path + "/run", name: "run")
        let result = try scene.trainer(folder, Self.adamw).run(steps: 2)
        let base = try Checkpoint(path: "\(TrainingFixture.recordings)/ltx23_single.safetensors")
        let saved = try Checkpoint(path: result.adapter)
        #expect(saved.version == base.version)
        #expect(try saved.transformerConfiguration == base.transformerConfiguration)
        let names = try SafetensorsFile(path: result.adapter).names
        #expect(names.allSatisfy { $0.hasPrefix("model.diffusion_model.") })
        #expect(!saved.has(.videoVAE) && !saved.has(.connectors))
        let again = try saved.transformerWithWeights(dtype: .float32, device: .cpu).weights
        let first = try base.transformerWithWeights(dtype: .float32, device: .cpu).weights
        #expect(again.map(\.name) == first.map(\.name))
        try withTorchErrors {
            for (index, weight) in again.enumerated() {
                let isTrained = weight.name.hasPrefix("transformer_blocks.1.")
                #expect(weight.tensor.bytes() == scene.named[index].tensor.detach().bytes())
                let hasChanged = weight.tensor.bytes() != first[index].tensor.bytes()
                #expect(hasChanged == isTrained, "\(weight.name)")
            }
        }
    }

    private static func rules(only: [String]) -> WeightRules {
        var rules = WeightRules()
        rules.onlyIfContains = only
        return rules
    }

    @Test("a diffusers folder is saved as a single file of the same model")
    func fromDiffusers() throws {
        let base = try Checkpoint(path: "\(TrainingFixture.recordings)/ltx23_diffusers")
        let (_, named) = try base.transformerWithWeights(dtype: .float32, device: .cpu)
        #expect(
            named.contains {
                $0.name == "patchify_proj.weight" && $0.storedName == "proj_in.weight"
            }
        )
        let weights = try TransformerWeights(
            named,
            rules: Self.rules(only: ["proj_in"]),
            metadata: base.singleFileMetadata
        )
        #expect(weights.parameters.count == 4)
        let place = try TemporaryFolder()
        var save = SaveOptions()
        save.dtype = .float32
        try weights.write(to: place.path + "/a.safetensors", save, metadata: ["name": "a"])
        let saved = try Checkpoint(path: place.path + "/a.safetensors")
        #expect(saved.version == base.version)
        #expect(try saved.transformerConfiguration == base.transformerConfiguration)
        #expect(try saved.singleFileMetadata["name"] == "a")
    }

    @Test("rules that leave nothing are refused")
    func nothingLeft() throws {
        let error = #expect(throws: NoWeightsError.self) {
            try WeightScene(rules: Self.rules(only: ["attn9"]))
        }
        #expect(
            error?.description
                == "model: no weight matches only_if_contains [\"attn9\"] without ignore_if_contains []; "
                + "use parts of names such as transformer_blocks.0., attn1, ff, audio_attn1, proj_out"
        )
    }

    @Test("without sound nothing that makes sound is trained")
    func withoutSound() throws {
        var rules = WeightRules()
        rules.includesAudio = false
        let scene = try WeightScene(rules: rules)
        let before = try WeightScene(rules: rules).bytes
        let item = try TrainingFixture.item("a", seed: 1, sound: nil)
        _ = try scene.step(Self.adamw).run([TrainingFixture.batch([item])], after: 0)
        #expect(scene.weights.pathways.allSatisfy { !$0.involvesAudio })
        #expect(try scene.bytes != before)
        #expect(rules.accept("av_ca_a2v_gate_adaln_single.linear.weight", storedName: ""))
        #expect(!rules.accept("av_ca_v2a_gate_adaln_single.linear.weight", storedName: ""))
        #expect(
            !rules.accept("transformer_blocks.0.scale_shift_table_a2v_ca_audio", storedName: "")
        )
    }
}

/// Takes the gradient from the parameter.
private final class PlainSteps: Optimizer {
    var name: String { "plain" }
    var stepsApart: Bool { true }
    var state: [(name: String, tensor: Tensor)] { [] }
    func restore(_ load: (String) throws -> Tensor) throws {}

    func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {
        for (parameter, gradient) in zip(parameters, gradients) {
            if let gradient { parameter.add(gradient, factor: -1) }
        }
    }
}

/// Changes nothing.
private final class NoOptimizer: Optimizer {
    var name: String { "none" }
    var stepsApart: Bool { true }
    var state: [(name: String, tensor: Tensor)] { [] }
    func restore(_ load: (String) throws -> Tensor) throws {}
    func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {}
}

/// An optimizer whose calls fail from some number on, as they do when memory runs out.
private final class FailingSteps: Optimizer {
    private let inner: any Optimizer
    private let first: Int
    private var calls = 0

    init(_ inner: any Optimizer, from first: Int) {
        self.inner = inner
        self.first = first
    }

    var name: String { inner.name }
    var stepsApart: Bool { true }
    var state: [(name: String, tensor: Tensor)] { inner.state }
    func restore(_ load: (String) throws -> Tensor) throws { try inner.restore(load) }

    func step(parameters: [Tensor], gradients: [Tensor?], rates: [Double]) {
        calls += 1
        if calls >= first { _ = Tensor.zeros([2]) + Tensor.zeros([3]) }
        inner.step(parameters: parameters, gradients: gradients, rates: rates)
    }
}

/// Six wide blocks with drawn weights beside a clip of few tokens: gradients are most of the memory.
private final class DrawnWeightScene {
    let transformer: Transformer
    let weights: TransformerWeights
    var options = StepOptions()

    init() throws {
        var config = try TrainingFixture.transformer().config
        config.blockCount = 6
        let reader = WeightReader(
            try DrawnWeights(seed: 3),
            named: "drawn",
            dtype: .float32,
            keepsTensors: true
        )
        transformer = try withTorchErrors { Transformer(reader.root, config: config) }
        let named = reader.tensors.sorted { $0.key < $1.key }.map {
            NamedWeight(name: $0.key, storedName: $0.key, tensor: $0.value)
        }
        var rules = WeightRules()
        rules.onlyIfContains = ["transformer_blocks."]
        weights = try TransformerWeights(named, rules: rules, metadata: [:])
    }

    var blockBytes: Int { weights.parameterCount * 4 / 6 }

    func step(_ optimizer: any Optimizer) -> TrainingStep {
        TrainingStep(
            transformer: transformer,
            network: weights,
            optimizer: optimizer,
            noise: FlowMatching(options: noise, device: .cpu, seed: 5),
            options: options
        )
    }

    private var noise: FlowMatching.Options {
        var options = FlowMatching.Options()
        options.audioChannels = 8
        return options
    }
}
