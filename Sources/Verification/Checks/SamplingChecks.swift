import LTXModel
import Torch

// Axes: B batch, T tokens, C latent channels, S text tokens, D width of the text.

extension Comparison {
    /// Noise levels of sampling; `sigmas.<tokens>.<steps>`.
    func compareSchedule() throws {
        for name in recording.outputs {
            let numbers = name.split(separator: ".").compactMap { Int($0) }
            guard name.hasPrefix("sigmas."), numbers.count == 2 else { continue }
            let schedule = SigmaSchedule(steps: numbers[1], tokens: numbers[0])
            try compare(name, Tensor(schedule.sigmas.map(Float.init)))
        }
        skipRest { _ in "unknown here" }
    }

    /// Samples with guidance of both modalities, of sound alone, and by the distilled schedule; the
    /// sound of the first is decoded.
    func compareSampling(_ checkpoint: Checkpoint) throws {
        let sample = try withTorchErrors { try RecordedSample(recording, device) }
        let transformer = try checkpoint.transformer(dtype: .float32, device: device)
        let decoder = try checkpoint.audioDecoder(device: device)
        let schedule = SigmaSchedule(steps: try withTorchErrors { try sample.steps() })
        let distilled = SigmaSchedule.distilled
        func sampler(_ schedule: SigmaSchedule, _ video: Double, _ audio: Double) -> LatentSampler {
            LatentSampler(
                transformer,
                schedule: schedule,
                guidance: .prompt(video: video, audio: audio)
            )
        }
        try withTorchErrors {
            try compare("sigmas", Tensor(schedule.sigmas.map(Float.init)))
            try compare("distilled.sigmas", Tensor(distilled.sigmas.map(Float.init)))
            let last = try sample.run(sampler(schedule, 3, 7)) { try compare("led.step\($0)", $1) }
            if let sound = last.audio {
                try withoutGradients { try compare("led.mel", decoder.decode(sound)) }
            }
            try compare("sound_led", sample.run(sampler(schedule, 1, 4)))
            try compare("distilled", sample.run(sampler(distilled, 1, 1)))
        }
        skipRest { _ in "unknown here" }
    }

    /// Samples with every kind of guidance, behind a given picture, and of one modality for the other.
    func compareGuidedSampling(_ checkpoint: Checkpoint) throws {
        let sample = try withTorchErrors { try RecordedSample(recording, device) }
        let guided = try RecordedGuidance(recording)
        let transformer = try checkpoint.transformer(dtype: .float32, device: device)
        let schedule = SigmaSchedule(steps: guided.steps)
        func sampler(_ guidance: Guidance) -> LatentSampler {
            LatentSampler(transformer, schedule: schedule, guidance: guidance)
        }
        try withTorchErrors {
            try compare("guided.sigmas", Tensor(schedule.sigmas.map(Float.init)))
            let last = try sample.run(sampler(guided.guidance)) { number, state in
                if number < guided.steps { try compare("guided.step\(number)", state) }
            }
            try compare("guided", last)
            let image = sampler(guided.withoutRescale)
            image.crossModulation = guided.imageModulation
            try compare("image", sample.run(image, from: guided.image(sample)))
            for (name, start) in try guided.starts(sample) {
                let made = try sample.run(sampler(guided.guidance), from: start)
                try compare(name, RecordedGuidance.made(made, of: name))
            }
        }
        skipRest { _ in "unknown here" }
    }

    private func compare(_ name: String, _ state: StreamState) throws {
        if let video = state.video { try compare(name + ".video", video) }
        if let audio = state.audio { try compare(name + ".audio", audio) }
    }
}

/// Where the recorded samples begin: noise, grid and both contexts.
struct RecordedSample {
    private let recording: RecordedFile
    /// Noise of both modalities.
    let start: LatentSampler.Start
    let device: Device
    private let prompt: TextContext
    private let negative: TextContext

    init(_ recording: RecordedFile, _ device: Device) throws {
        func tensor(_ name: String) throws -> Tensor {
            try recording.tensor("in." + name, axes: 3, on: device)
        }
        func text(_ name: String) throws -> TextContext {
            TextContext(video: try tensor(name + ".video"), audio: try tensor(name + ".audio"))
        }
        let sizes = try recording.tensor("in.grid", axes: 1).integers()
        guard sizes.count == 3, let fps = recording.text("fps").flatMap(Double.init) else {
            throw VerificationError(
                "\(recording.path): in.grid or fps is not whole, should be three sizes and a rate; "
                    + "record it again"
            )
        }
        self.recording = recording
        self.device = device
        start = LatentSampler.Start(
            video: try tensor("noise.video"),
            audio: try tensor("noise.audio"),
            grid: VideoGrid(frames: sizes[0], height: sizes[1], width: sizes[2], fps: fps)
        )
        (prompt, negative) = try (text("prompt"), text("negative"))
    }

    /// One less than the recorded noise levels.
    func steps() throws -> Int { try recording.tensor("sigmas", axes: 1).size(0) - 1 }

    func run(
        _ sampler: LatentSampler,
        from other: LatentSampler.Start? = nil,
        afterStep: (Int, StreamState) throws -> Void = { _, _ in }
    ) throws -> StreamState {
        try sampler.sample(
            from: other ?? start,
            prompt: prompt,
            negative: negative,
            afterStep: afterStep
        )
    }

    /// A recorded input of the same axes as the noise.
    func tensor(_ name: String) throws -> Tensor {
        try recording.tensor("in." + name, axes: 3, on: device)
    }
}
