import Testing
import Torch

@testable import LTXModel

/// Against samples recorded from diffusers' `LTX2Pipeline`, and its schedules.
@Suite("Sampling") struct SamplingTests {
    @Test(
        "the schedule is that of diffusers",
        arguments: [(1536, 30), (6144, 40), (18, 8)]
    )
    func schedule(tokens: Int, steps: Int) throws {
        let recording = try Recording("schedule_io")
        try running {
            let schedule = SigmaSchedule(steps: steps, tokens: tokens)
            let found = Tensor(schedule.sigmas.map(Float.init))
            try recording.expect(found, agreesWith: "sigmas.\(tokens).\(steps)")
        }
    }

    @Test("without a number of tokens it is that of the official pipelines, and the distilled one")
    func officialSchedules() throws {
        let recording = try Recording("ltx23_sampling_io")
        try running {
            let official = SigmaSchedule(steps: 4).sigmas.map(Float.init)
            try recording.expect(Tensor(official), agreesWith: "sigmas")
            let distilled = SigmaSchedule.distilled.sigmas.map(Float.init)
            try recording.expect(Tensor(distilled), agreesWith: "distilled.sigmas")
        }
    }

    @Test("one step goes from noise to what the model takes for clean")
    func oneStep() {
        #expect(SigmaSchedule(steps: 1).sigmas == [1, 0])
    }

    @Test("every state on the way agrees with the pipeline's, with guidance of both modalities")
    func led() throws {
        let scene = try Scene()
        try running {
            let sampler = LatentSampler(
                scene.transformer,
                schedule: SigmaSchedule(steps: 4),
                guidance: .prompt(video: 3, audio: 7)
            )
            var numbers: [Int] = []
            let last = try scene.run(sampler) { number, state in
                numbers.append(number)
                try scene.expect(state, agreesWith: "led.step\(number)")
            }
            #expect(numbers == [1, 2, 3, 4])
            try scene.expect(last, agreesWith: "led.step4")
        }
    }

    @Test("each modality has its own scale, and 1 leaves it as the prompt has it")
    func soundAlone() throws {
        let scene = try Scene()
        try running {
            let sampler = LatentSampler(
                scene.transformer,
                schedule: SigmaSchedule(steps: 4),
                guidance: .prompt(video: 1, audio: 4)
            )
            try scene.expect(scene.run(sampler), agreesWith: "sound_led")
        }
    }

    @Test("the distilled schedule without guidance agrees, and never asks the negative prompt")
    func distilled() throws {
        let scene = try Scene()
        try running {
            let sampler = LatentSampler(
                scene.transformer,
                schedule: .distilled,
                guidance: .none
            )
            let made = try scene.run(sampler)
            try scene.expect(made, agreesWith: "distilled")
            let other = try sampler.sample(
                from: scene.start,
                prompt: scene.prompt,
                negative: scene.prompt
            )
            #expect(try #require(other.audio).bytes() == #require(made.audio).bytes())
        }
    }

    @Test("a model in bfloat16 is asked in bfloat16, the steps are added up in float32")
    func halfPrecision() throws {
        let scene = try Scene(dtype: .bfloat16)
        try running {
            let sampler = LatentSampler(
                scene.transformer,
                schedule: .distilled,
                guidance: .none
            )
            let audio = try #require(scene.run(sampler).audio)
            #expect(audio.dtype == .float32)
            let rounded = audio.to(.bfloat16).to(.float32)
            #expect(rounded.relativeDifference(from: audio) > 0)
            let reference = try scene.recording.tensor("distilled.audio")
            #expect(audio.relativeDifference(from: reference) < 0.1)
        }
    }

    @Test("what is told of the steps can stop them")
    func stopping() throws {
        struct Enough: Error {}
        let scene = try Scene()
        try running {
            let sampler = LatentSampler(
                scene.transformer,
                schedule: SigmaSchedule(steps: 4),
                guidance: .prompt(video: 3, audio: 7)
            )
            var count = 0
            #expect(throws: Enough.self) {
                try scene.run(sampler) { _, _ in
                    count += 1
                    throw Enough()
                }
            }
            #expect(count == 1)
        }
    }
}

/// The recorded start and contexts, and the model that the reference sampled with.
private struct Scene {
    let recording: Recording
    let transformer: Transformer
    let start: LatentSampler.Start
    let prompt: TextContext
    let negative: TextContext

    init(dtype: DType = .float32) throws {
        let recording = try Recording("ltx23_sampling_io")
        func text(_ name: String) throws -> TextContext {
            TextContext(
                video: try recording.tensor("in.\(name).video"),
                audio: try recording.tensor("in.\(name).audio")
            )
        }
        self.recording = recording
        transformer = try TransformerFixture.checkpoint("23").transformer(
            dtype: dtype,
            device: .cpu
        )
        start = LatentSampler.Start(
            video: try recording.tensor("in.noise.video"),
            audio: try recording.tensor("in.noise.audio"),
            grid: VideoGrid(frames: 3, height: 2, width: 3, fps: 24)
        )
        (prompt, negative) = try (text("prompt"), text("negative"))
    }

    func run(_ sampler: LatentSampler) throws -> StreamState { try run(sampler) { _, _ in } }

    @discardableResult
    func run(
        _ sampler: LatentSampler,
        afterStep: (Int, StreamState) throws -> Void
    ) throws -> StreamState {
        try sampler.sample(from: start, prompt: prompt, negative: negative, afterStep: afterStep)
    }

    func expect(_ state: StreamState, agreesWith name: String) throws {
        try recording.expect(#require(state.video), agreesWith: name + ".video")
        try recording.expect(#require(state.audio), agreesWith: name + ".audio")
    }
}
