import ClipCache
import Foundation
import LTXModel
import RunConfig
import RunFiles
import Safetensors
import Torch
import Training

/// Makes the sounds of voice preservation once and keeps them beside the run: a resumed run compares
/// with the same ones.
struct PreservedSoundMaker {
    private let sounds: PreservedSounds
    private let transformer: Transformer
    private let contexts: [String: TextContext]
    private let plan: RunPlan

    init(
        _ sounds: PreservedSounds,
        _ transformer: Transformer,
        _ contexts: [String: TextContext],
        plan: RunPlan
    ) {
        self.sounds = sounds
        self.transformer = transformer
        self.contexts = contexts
        self.plan = plan
    }

    /// Silence first, then what the base model says to each prompt; `[T, C]` each.
    ///
    /// Called before adapters are attached. `progress` is told before each sound.
    func latents(
        silence: FloatBuffer,
        isCancelled: () -> Bool,
        progress: (Int, Int) -> Void
    ) throws -> [FloatBuffer] {
        if let kept = try kept() { return kept }
        var latents = [silence]
        for (number, prompt) in sounds.prompts.enumerated() {
            guard !isCancelled() else { throw RunInterrupted(stage: "preserved sounds") }
            progress(number + 1, sounds.prompts.count)
            latents.append(try sound(number, prompt))
        }
        try keep(latents)
        return latents
    }

    private func sound(_ number: Int, _ prompt: String) throws -> FloatBuffer {
        guard let context = contexts[prompt], let nothing = contexts[""] else {
            throw ModelInputError(
                "voice_preservation: its prompt was not encoded; start the run again"
            )
        }
        let sampler = LatentSampler(
            transformer,
            schedule: SigmaSchedule(steps: sounds.rules.steps),
            guidance: .prompt(video: 3, audio: sounds.rules.guidance)
        )
        return try withTorchErrors {
            let made = try sampler.sample(
                from: try noise(number),
                prompt: context,
                negative: nothing
            )
            let audio = (made.audio ?? .zeros([1, sounds.length, 1])).select(0, 0)
            return FloatBuffer(shape: audio.shape, values: audio.floats())
        }
    }

    private func noise(_ number: Int) throws -> LatentSampler.Start {
        let random = try RandomGenerator(seed: plan.seed, step: number, purpose: 0x50_0D)
        let grid = sounds.grid
        let config = transformer.config
        let tokens = grid.frames * grid.height * grid.width
        return LatentSampler.Start(
            video: random.normal([1, tokens, config.video.channels]).to(on: plan.device),
            audio: random.normal([1, sounds.length, config.audio.channels]).to(on: plan.device),
            grid: grid
        )
    }

    // MARK: - Keeping

    private var path: String { plan.folder.preservedSounds }

    /// What the kept sounds must have been made of.
    private var identity: String {
        Digest.sha256("\(plan.models.checkpoint.id) \(plan.seed) \(sounds)")
    }

    private func kept() throws -> [FloatBuffer]? {
        guard plan.resumed != nil, FileManager.default.fileExists(atPath: path) else { return nil }
        let file = try SafetensorsFile(path: path)
        guard file.metadata["identity"] == identity else { return nil }
        return try withTorchErrors {
            try file.names.sorted().map { name in
                let tensor = try Tensor(reading: name, from: file)
                return FloatBuffer(shape: tensor.shape, values: tensor.floats())
            }
        }
    }

    private func keep(_ latents: [FloatBuffer]) throws {
        let tensors = try withTorchErrors {
            latents.enumerated().map { number, sound in
                (
                    name: String(format: "sound.%03d", number),
                    tensor: Tensor(sound.values, shape: sound.shape)
                )
            }
        }
        try TensorFile(tensors, metadata: ["identity": identity]).write(to: path)
    }
}
