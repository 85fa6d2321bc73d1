import Testing
import Torch

@testable import LTXModel

/// Noise levels of sampling, and the way along them.
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

    @Test("one step goes from noise to what the model takes for clean")
    func oneStep() throws {
        #expect(SigmaSchedule(steps: 1).sigmas == [1, 0])
        #expect(SigmaSchedule.distilled.sigmas.count == 9)
    }

    /// A start, a prompt and nothing, drawn for the recorded model.
    private func scene() throws -> (LatentSampler.Start, TextContext, TextContext, Transformer) {
        let checkpoint = try Checkpoint(path: "\(Fixture.folder)/" + ("ltx23_single.safetensors"))
        let random = try RandomGenerator(seed: 3)
        let start = LatentSampler.Start(
            video: random.normal([1, 12, 4]),
            audio: random.normal([1, 7, 8]),
            grid: VideoGrid(frames: 3, height: 2, width: 2, fps: 24)
        )
        func text() -> TextContext {
            TextContext(video: random.normal([1, 5, 32]), audio: random.normal([1, 5, 16]))
        }
        return (start, text(), text(), try checkpoint.transformer(dtype: .float32, device: .cpu))
    }

    @Test("a sample is the sum of its steps, with each modality led by its own scale")
    func steps() throws {
        try running {
            let (start, prompt, nothing, transformer) = try scene()
            var guidance = LatentSampler.Guidance()
            guidance.video = 3
            guidance.audio = 5
            let schedule = SigmaSchedule(sigmas: [1, 0.6, 0.25, 0])
            let sampler = LatentSampler(transformer, schedule: schedule, guidance: guidance)
            let found = sampler.sample(from: start, prompt: prompt, negative: nothing)
            var (video, audio) = (start.video, start.audio)
            for (sigma, next) in [(1.0, 0.6), (0.6, 0.25), (0.25, 0.0)] {
                func asked(_ text: TextContext) -> StreamState {
                    func modality(_ tokens: Tensor, _ text: Tensor) -> ModalityInput {
                        ModalityInput(latent: tokens, sigma: Tensor([Float(sigma)]), text: text)
                    }
                    return withoutGradients {
                        transformer(
                            TransformerInput(
                                video: modality(video, text.video),
                                audio: modality(audio, text.audio),
                                grid: start.grid
                            )
                        )
                    }
                }
                let (yes, no) = (asked(prompt), asked(nothing))
                // x₀ = x − σv, led, and back to a velocity: guidance as the official code has it.
                func moved(_ x: Tensor, _ yes: Tensor, _ no: Tensor, _ scale: Double) -> Tensor {
                    let (clean, other) = (x - yes * sigma, x - no * sigma)
                    let led = clean + (clean - other) * (scale - 1)
                    return led + (x - led) * (next / sigma)
                }
                (video, audio) = (
                    try moved(video, #require(yes.video), #require(no.video), 3),
                    try moved(audio, #require(yes.audio), #require(no.audio), 5)
                )
            }
            #expect(try #require(found.video).relativeDifference(from: video) < 1e-5)
            #expect(try #require(found.audio).relativeDifference(from: audio) < 1e-5)
        }
    }

    @Test("without guidance the empty prompt is never asked")
    func unguided() throws {
        try running {
            let (start, prompt, nothing, transformer) = try scene()
            var guidance = LatentSampler.Guidance()
            guidance.video = 1
            guidance.audio = 1
            let sampler = LatentSampler(
                transformer,
                schedule: SigmaSchedule(steps: 3),
                guidance: guidance
            )
            let one = sampler.sample(from: start, prompt: prompt, negative: nothing)
            let two = sampler.sample(from: start, prompt: prompt, negative: prompt)
            #expect(try #require(one.audio).bytes() == #require(two.audio).bytes())
        }
    }
}
