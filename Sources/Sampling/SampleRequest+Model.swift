import LTXModel

/// What a request comes to for a model.
extension SampleRequest {
    /// Where the video tokens lie; sound alone has none, but for the clock.
    func grid(_ scale: LatentScale) -> VideoGrid {
        VideoGrid(
            frames: (frameCount - 1) / scale.time + 1,
            height: height / scale.space,
            width: width / scale.space,
            fps: fps
        )
    }

    /// Audio latents that last as long as the pictures.
    func audioCount(_ scale: LatentScale) -> Int {
        max(1, scale.audioCount(pictures: frameCount, fps: fps))
    }

    /// Denoising steps.
    func stepCount(_ version: ModelVersion) -> Int {
        schedule.fixedStepCount ?? steps ?? SigmaSchedule.defaultSteps(for: version)
    }

    /// The guidance of the model's version with this request's changes; distilled models take none.
    func guidance(_ version: ModelVersion, blockCount: Int) -> Guidance {
        guard schedule != .distilled else { return .none }
        var led = Guidance.defaults(for: version, blockCount: blockCount)
        led.video.prompt = guidance.video ?? led.video.prompt
        led.audio.prompt = guidance.audio ?? led.audio.prompt
        for path in [\Guidance.video, \Guidance.audio] {
            led[keyPath: path].perturbation =
                guidance.perturbation ?? led[keyPath: path].perturbation
            led[keyPath: path].modality = guidance.modality ?? led[keyPath: path].modality
            led[keyPath: path].rescale = guidance.rescale ?? led[keyPath: path].rescale
        }
        return led
    }
}
