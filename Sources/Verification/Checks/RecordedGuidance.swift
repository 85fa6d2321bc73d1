import Foundation
import LTXModel
import Torch

// Axes: B batch, T tokens, C latent channels.

/// Scales and given parts of recorded guided samples.
struct RecordedGuidance {
    let guidance: Guidance
    let steps: Int
    let imageModulation: CrossModulation?
    private let givenCount: Int

    init(_ recording: RecordedFile) throws {
        func numbers(_ name: String) throws -> [String: Double] {
            let text = recording.text(name) ?? ""
            guard
                let found = try? JSONDecoder().decode([String: Double].self, from: Data(text.utf8))
            else { throw Self.damaged(recording, name) }
            return found
        }
        func scales(_ name: String) throws -> Guidance.Scales {
            let found = try numbers(name)
            return Guidance.Scales(
                prompt: found["prompt"] ?? 1,
                perturbation: found["perturbation"] ?? 0,
                modality: found["modality"] ?? 1,
                rescale: found["rescale"] ?? 0
            )
        }
        let blocks = recording.text("perturbed") ?? ""
        guard let steps = recording.text("steps").flatMap({ Int($0) }),
            let given = recording.text("given_tokens").flatMap({ Int($0) }),
            let perturbed = try? JSONDecoder().decode([Int].self, from: Data(blocks.utf8))
        else { throw Self.damaged(recording, "steps, given_tokens or perturbed") }
        guidance = Guidance(
            video: try scales("video"),
            audio: try scales("audio"),
            perturbedBlocks: Set(perturbed)
        )
        self.steps = steps
        givenCount = given
        imageModulation = recording.text("image_modulation").flatMap(CrossModulation.init)
    }

    private static func damaged(_ recording: RecordedFile, _ name: String) -> VerificationError {
        VerificationError(
            "\(recording.path): \(name) of the header is not whole, should be the settings of a guided "
                + "sample; record it again"
        )
    }

    /// Without what diffusers computes from other values behind a given picture.
    var withoutRescale: Guidance {
        var guidance = guidance
        (guidance.video.rescale, guidance.audio.rescale) = (0, 0)
        return guidance
    }

    /// The start of the image-to-video pipeline: its first frame is given.
    func image(_ sample: RecordedSample) throws -> LatentSampler.Start {
        let video = try sample.tensor("image.video")
        return LatentSampler.Start(
            video: try behind(video, video),
            audio: ModalityStart(noise: try sample.tensor("image.audio")),
            grid: sample.start.grid
        )
    }

    /// The starts that the official rules were recorded for.
    func starts(_ sample: RecordedSample) throws -> [(String, LatentSampler.Start)] {
        let grid = sample.start.grid
        func tensor(_ name: String) throws -> Tensor { try sample.tensor(name) }
        let (video, audio) = (try tensor("noise.video"), try tensor("noise.audio"))
        let (sight, sound) = (try tensor("given.video"), try tensor("given.audio"))
        func start(_ video: ModalityStart?, _ audio: ModalityStart?) -> LatentSampler.Start {
            LatentSampler.Start(video: video, audio: audio, grid: grid)
        }
        return [
            ("opened", start(try behind(sight, video), ModalityStart(noise: audio))),
            ("spoken", start(ModalityStart(noise: video), ModalityStart(given: sound))),
            ("heard", start(ModalityStart(given: sight), ModalityStart(noise: audio))),
            ("sound_alone", start(nil, ModalityStart(noise: audio))),
            ("picture_alone", start(ModalityStart(noise: video), nil)),
        ]
    }

    private func behind(_ clean: Tensor, _ noise: Tensor) throws -> ModalityStart {
        try ModalityStart(opening: clean.narrow(1, from: 0, count: givenCount), noise: noise)
    }

    /// What was made: a modality that was given is not recorded again.
    static func made(_ state: StreamState, of name: String) -> StreamState {
        StreamState(
            video: name == "heard" ? nil : state.video,
            audio: name == "spoken" ? nil : state.audio
        )
    }
}
