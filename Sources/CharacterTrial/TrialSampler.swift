import Adapters
import LTXModel
import Sampling
import Torch
import Training
import TrainingRun

/// Samples of a prompt by each of some adapters, from the same noise, without decoding them.
struct TrialSampler {
    let stage: TrialStage
    /// Adapter files; each sample has one of them or none.
    let adapters: [String]
    /// Noises for each prompt.
    let seeds: Int
    /// Denoising steps; with one, a sample is the prediction from pure noise.
    let steps: Int

    /// Latents by prompt, by adapter (the base model first), by seed.
    func samples(of prompts: [String]) async throws -> [[[TrialLatents]]] {
        let places = prompts.indices.flatMap { prompt in
            (0...adapters.count).flatMap { way in
                (0..<seeds).map { (prompt: prompt, way: way, seed: $0) }
            }
        }
        var job = SampleJob(
            model: stage.model,
            items: places.map { place in
                SampleJob.Item(
                    Self.request(prompts[place.prompt], seed: place.seed, steps: steps),
                    to: SampleTarget(path: "trial.mp4")
                )
            },
            device: .cpu
        )
        job.adapters = adapters.map { AdapterChoice(path: $0) }
        let run = try SampleRun(job, models: try stage.models(), stop: StopRequest())
        run.writesFiles = false
        run.onItem = { number, _, applied in
            applied?.strengths = adapters.indices.map {
                PathwayStrengths($0 + 1 == places[number].way ? 1 : 0)
            }
        }
        var found = prompts.map { _ in [[TrialLatents]](repeating: [], count: adapters.count + 1) }
        run.onLatents = { number, latents in
            let place = places[number]
            found[place.prompt][place.way].append(try Self.rows(latents))
        }
        _ = try await run.run()
        return found
    }

    /// Guidance off: one pass a step, of the prompt itself.
    static func request(_ prompt: String, seed: Int, steps: Int) -> SampleRequest {
        var request = SampleRequest(prompt: prompt)
        (request.width, request.height) = (TrialCharacter.side, TrialCharacter.side)
        (request.frameCount, request.fps) = (TrialCharacter.frames, TrialCharacter.rate)
        (request.seed, request.steps) = (UInt64(seed), steps)
        request.guidance.video = 1
        request.guidance.audio = 1
        request.guidance.perturbation = 0
        request.guidance.modality = 1
        return request
    }

    /// Tokens in the order of given clips.
    private static func rows(_ latents: SampleLatents) throws -> TrialLatents {
        try withTorchErrors {
            let video = latents.video ?? .zeros([1, 1, 0])
            let channels = video.size(1)
            return TrialLatents(
                video: video.reshape(channels, -1).transpose(0, 1).contiguous().reshape(-1),
                audio: (latents.audio ?? .zeros([0])).reshape(-1)
            )
        }
    }
}
