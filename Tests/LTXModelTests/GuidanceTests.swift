import Testing
import Torch

@testable import LTXModel

/// Guidance of every kind, given parts, and batches, beside recordings and beside each other.
@Suite("Guided sampling") struct GuidanceTests {
    @Test("defaults are those of the official pipelines, at the same depth of smaller models")
    func defaults() {
        let first = Guidance.defaults(for: .ltx20)
        #expect(first.video == .init(prompt: 3, perturbation: 1, modality: 3, rescale: 0.7))
        #expect(first.audio == .init(prompt: 7, perturbation: 1, modality: 3, rescale: 0.7))
        #expect(first.perturbedBlocks == [29])
        #expect(Guidance.defaults(for: .ltx23).perturbedBlocks == [28])
        #expect(Guidance.defaults(for: .ltx23, blockCount: 2).perturbedBlocks == [1])
        #expect(Guidance.defaults(for: .ltx20, blockCount: 1).perturbedBlocks == [0])
        #expect(SigmaSchedule.defaultSteps(for: .ltx20) == 40)
        #expect(SigmaSchedule.defaultSteps(for: .ltx23) == 30)
    }

    @Test("a schedule of each kind")
    func schedules() {
        let official = SigmaSchedule(.official, steps: 5, videoTokens: 18)
        #expect(official == SigmaSchedule(steps: 5))
        let real = SigmaSchedule(.diffusers, steps: 5, videoTokens: 18)
        #expect(real == SigmaSchedule(steps: 5, tokens: 18) && real != official)
        #expect(SigmaSchedule(.distilled, steps: 5, videoTokens: 18) == .distilled)
        #expect(SigmaSchedule.Kind.allCases.map(\.fixedStepCount) == [nil, nil, 8])
        #expect(official.stepCount == 5)
    }

    @Test("all kinds together agree with the pipeline, step by step", arguments: ["20", "23"])
    func guided(version: String) throws {
        let scene = try GuidedScene(version)
        try running {
            let last = try scene.run(scene.sampler(), from: scene.noise()) { number, state in
                guard number < 3 else { return }
                try scene.expect(state, agreesWith: "guided.step\(number)")
            }
            try scene.expect(last, agreesWith: "guided")
        }
    }

    @Test(
        "behind a given picture it agrees with the image-to-video pipeline",
        arguments: ["20", "23"]
    )
    func image(version: String) throws {
        let scene = try GuidedScene(version)
        try running {
            var guidance = GuidedScene.guidance
            (guidance.video.rescale, guidance.audio.rescale) = (0, 0)
            let sampler = scene.sampler(guidance)
            sampler.crossModulation = version == "20" ? .own : .cross
            let video = try scene.tensor("image.video")
            let start = LatentSampler.Start(
                video: try ModalityStart(opening: video.narrow(1, from: 0, count: 6), noise: video),
                audio: ModalityStart(noise: try scene.tensor("image.audio")),
                grid: scene.grid
            )
            let made = try scene.run(sampler, from: start)
            try scene.expect(made, agreesWith: "image")
            let front = try #require(made.video).narrow(1, from: 0, count: 6)
            #expect(front.floats() == video.narrow(1, from: 0, count: 6).floats())
        }
    }

    @Test(
        "a modality for a given one, or alone, agrees with steps around the reference's model",
        arguments: ["20", "23"],
        ["opened", "spoken", "heard", "sound_alone", "picture_alone"]
    )
    func given(version: String, name: String) throws {
        let scene = try GuidedScene(version)
        try running {
            let start = try scene.start(name)
            let made = try scene.run(scene.sampler(), from: start)
            if start.video?.isMade == true {
                try scene.expect(video: made.video, agreesWith: name)
            }
            if start.audio?.isMade == true {
                try scene.expect(audio: made.audio, agreesWith: name)
            }
            if name == "spoken" {
                let sound = try scene.tensor("given.audio")
                #expect(try #require(made.audio).floats() == sound.floats())
            }
            #expect((made.video == nil) == (name == "sound_alone"))
            #expect((made.audio == nil) == (name == "picture_alone"))
        }
    }

    @Test("passes in one batch and one after another give the same", arguments: ["20", "23"])
    func batches(version: String) throws {
        let scene = try GuidedScene(version)
        try running {
            for name in ["guided", "opened", "spoken", "heard", "sound_alone"] {
                let start = try name == "guided" ? scene.noise() : scene.start(name)
                let together = try scene.run(scene.sampler(), from: start)
                let apart = try scene.run(scene.sampler(batches: false), from: start)
                for (x, y) in zip(together.tensors, apart.tensors) {
                    #expect(x.relativeDifference(from: y) < 1e-5, "\(name)")
                }
            }
        }
    }

    @Test("when memory runs out in a batch, its passes run one after another from then on")
    func outOfMemory() throws {
        let scene = try GuidedScene("23")
        try running {
            let plain = try scene.run(scene.sampler(batches: false), from: scene.noise())
            let greedy = Greedy()
            scene.transformer.blockLinears[0].adapter = greedy
            let sampler = scene.sampler()
            #expect(sampler.isBatching)
            let made = try scene.run(sampler, from: scene.noise())
            #expect(!sampler.isBatching)
            #expect(greedy.refusals == 1)
            for (x, y) in zip(made.tensors, plain.tensors) { #expect(x.floats() == y.floats()) }
        }
    }

    @Test("memory that is too little for a single pass is an error")
    func tooLittleMemory() throws {
        let scene = try GuidedScene("23")
        let greedy = Greedy()
        greedy.limit = 0
        scene.transformer.blockLinears[0].adapter = greedy
        let error = #expect(throws: TorchError.self) {
            try running { try scene.run(scene.sampler(), from: scene.noise()) }
        }
        #expect(error?.kind == .outOfMemory)
    }

    @Test(
        "offloaded blocks give the same numbers, in one batch bit by bit"
    )
    func offloading() throws {
        let resident = try GuidedScene("23")
        try running {
            let expected = try resident.run(resident.sampler(), from: resident.noise())
            for batches in [true, false] {
                let offloading = BlockOffloading(device: .cpu, share: 1)
                let scene = try GuidedScene("23", offloading: offloading)
                #expect(offloading.offloaded == [0, 1])
                let made = try scene.run(scene.sampler(batches: batches), from: scene.noise())
                for (x, y) in zip(made.tensors, expected.tensors) {
                    #expect(
                        batches ? x.floats() == y.floats() : x.relativeDifference(from: y) < 1e-5
                    )
                }
            }
        }
    }

    @Test("terms of neutral scale cost no pass")
    func neutral() throws {
        let scene = try GuidedScene("23")
        let start = try scene.noise()
        func passes(_ guidance: Guidance) -> [GuidancePass] { guidance.of(start).passes }
        #expect(passes(.none) == [.prompt])
        #expect(passes(Guidance(video: .init(rescale: 0.7))) == [.prompt])
        #expect(passes(.prompt(video: 1, audio: 2)) == [.prompt, .negative])
        #expect(passes(.defaults(for: .ltx23)).count == 4)
        let silent = LatentSampler.Start(video: start.video, audio: nil, grid: start.grid)
        #expect(
            Guidance.defaults(for: .ltx23).of(silent).passes == [.prompt, .negative, .perturbed]
        )
        let sung = LatentSampler.Start(
            video: start.video,
            audio: ModalityStart(given: try scene.tensor("given.audio")),
            grid: start.grid
        )
        #expect(Guidance.prompt(video: 1, audio: 7).of(sung).passes == [.prompt])
    }

    @Test("blocks that are not there, nothing to make, and openings of other sizes are refused")
    func refusals() throws {
        let scene = try GuidedScene("23")
        func message(_ body: () throws -> Void) -> String {
            do { try running(body) } catch { return "\(error)" }
            return "nothing was refused"
        }
        var guidance = GuidedScene.guidance
        guidance.perturbedBlocks = [1, 29]
        #expect(
            message { _ = try scene.run(scene.sampler(guidance), from: scene.noise()) }
                == "guidance: perturbation (STG) of blocks [29], the model has 0 to 1; name blocks among these"
        )
        guidance.perturbedBlocks = []
        #expect(
            message { _ = try scene.run(scene.sampler(guidance), from: scene.noise()) }
                == "guidance: perturbation (STG) is 1.0 and 0.8 without a block, should name one from 0 to "
                + "1; name blocks or set it to 0"
        )
        let given = ModalityStart(given: try scene.tensor("given.audio"))
        let nothing = LatentSampler.Start(video: nil, audio: given, grid: scene.grid)
        #expect(
            message { _ = try scene.run(scene.sampler(), from: nothing) }
                == "sample: picture and sound are both given or absent, should be one to make; give noise "
                + "for it"
        )
        #expect(
            message {
                _ = try ModalityStart(opening: .zeros([1, 7, 4]), noise: .zeros([1, 6, 4]))
            }
                == "opening: latents [1, 7, 4] in front of noise [1, 6, 4], should have the same batch and "
                + "channels and no more tokens; encode the picture at the size of the sample"
        )
    }

    @Test("noise follows from the seed, by modality, and a longer sample begins alike")
    func noise() throws {
        try running {
            func noise(_ seed: UInt64, _ stream: ModalityStart.Stream, _ tokens: Int) throws
                -> [Float]
            {
                try ModalityStart.noise(
                    seed: seed,
                    stream,
                    tokens: tokens,
                    channels: 128,
                    device: .cpu
                )
                .floats()
            }
            let short = try noise(7, .video, 3)
            #expect(try noise(7, .video, 3) == short)
            #expect(try Array(noise(7, .video, 5).prefix(short.count)) == short)
            #expect(try noise(7, .audio, 3) != short)
            #expect(try noise(8, .video, 3) != short)
        }
    }

    @Test("the parts' seconds are told")
    func seconds() throws {
        let scene = try GuidedScene("23")
        try running {
            let sampler = scene.sampler()
            sampler.measuresExactly = true
            #expect(sampler.seconds == SampleSeconds())
            _ = try scene.run(sampler, from: scene.noise())
            #expect(sampler.seconds.passes > 0 && sampler.seconds.arithmetic > 0)
        }
    }
}

/// A layer that asks for more memory than any machine has when it sees more than some items.
private final class Greedy: LinearAdapter {
    var limit = 1
    private(set) var refusals = 0

    func output(of layer: Linear, for x: Tensor) -> Tensor {
        guard x.size(0) > limit else { return layer.base(x) }
        refusals += 1
        return .zeros([1 << 25, 1 << 25])
    }
}

/// The recorded starts and contexts of a version, and the model that the reference sampled with.
private struct GuidedScene {
    let recording: Recording
    let transformer: Transformer
    let grid = VideoGrid(frames: 3, height: 2, width: 3, fps: 24)
    private let prompt: TextContext
    private let negative: TextContext

    static let guidance = Guidance(
        video: .init(prompt: 3, perturbation: 1, modality: 3, rescale: 0.7),
        audio: .init(prompt: 7, perturbation: 0.8, modality: 2.5, rescale: 0.6),
        perturbedBlocks: [1]
    )

    init(_ version: String, offloading: BlockOffloading? = nil) throws {
        let recording = try Recording("ltx\(version)_guided_sampling_io")
        func text(_ name: String) throws -> TextContext {
            TextContext(
                video: try recording.tensor("in.\(name).video"),
                audio: try recording.tensor("in.\(name).audio")
            )
        }
        self.recording = recording
        transformer = try TransformerFixture.checkpoint(version).transformer(
            dtype: .float32,
            device: .cpu,
            offloading: offloading
        )
        (prompt, negative) = try (text("prompt"), text("negative"))
    }

    func tensor(_ name: String) throws -> Tensor { try recording.tensor("in." + name) }

    func sampler(_ guidance: Guidance = Self.guidance, batches: Bool = true) -> LatentSampler {
        LatentSampler(
            transformer,
            schedule: SigmaSchedule(steps: 3),
            guidance: guidance,
            batchesPasses: batches
        )
    }

    func noise() throws -> LatentSampler.Start {
        LatentSampler.Start(
            video: try tensor("noise.video"),
            audio: try tensor("noise.audio"),
            grid: grid
        )
    }

    func start(_ name: String) throws -> LatentSampler.Start {
        let video = ModalityStart(noise: try tensor("noise.video"))
        let audio = ModalityStart(noise: try tensor("noise.audio"))
        let sight = try tensor("given.video")
        let (first, second): (ModalityStart?, ModalityStart?) =
            switch name {
            case "opened":
                (
                    try ModalityStart(
                        opening: sight.narrow(1, from: 0, count: 6),
                        noise: tensor("noise.video")
                    ), audio
                )
            case "spoken": (video, ModalityStart(given: try tensor("given.audio")))
            case "heard": (ModalityStart(given: sight), audio)
            case "sound_alone": (nil, audio)
            default: (video, nil)
            }
        return LatentSampler.Start(video: first, audio: second, grid: grid)
    }

    @discardableResult
    func run(
        _ sampler: LatentSampler,
        from start: LatentSampler.Start,
        afterStep: (Int, StreamState) throws -> Void = { _, _ in }
    ) throws -> StreamState {
        try sampler.sample(from: start, prompt: prompt, negative: negative, afterStep: afterStep)
    }

    func expect(_ state: StreamState, agreesWith name: String) throws {
        try expect(video: state.video, agreesWith: name)
        try expect(audio: state.audio, agreesWith: name)
    }

    func expect(video: Tensor?, agreesWith name: String) throws {
        try recording.expect(#require(video), agreesWith: name + ".video")
    }

    func expect(audio: Tensor?, agreesWith name: String) throws {
        try recording.expect(#require(audio), agreesWith: name + ".audio")
    }
}
