import LTXModel
import Sampling
import Torch

/// Picture and sound as plain rows of float32, `[n]` each.
struct TrialLatents {
    let video: Tensor
    let audio: Tensor

    /// The two streams.
    var streams: [Tensor] { [video, audio] }
}

/// The latents of both characters' clips: what samples are compared with.
struct TrialTargets {
    /// By character, by clip.
    let clips: [[TrialLatents]]

    /// Encodes the clips, as training did.
    init(_ stage: TrialStage) throws {
        let media = GivenMedia(try Checkpoint(path: stage.checkpoint), device: .cpu)
        clips = try TrialCharacter.both.map { character in
            try stage.clips(character).map { path in
                var request = TrialSampler.request(character.caption, seed: 0, steps: 1)
                (request.givenPictures, request.givenSound) = (path, path)
                let given = try media.latents(for: request)
                return try withTorchErrors {
                    TrialLatents(
                        video: (given.video ?? .zeros([0])).reshape(-1),
                        audio: (given.audio ?? .zeros([0])).reshape(-1)
                    )
                }
            }
        }
    }

    /// Squared distance to the nearest clip of a character, by stream.
    func distances(_ latents: TrialLatents, to character: Int) -> [Double] {
        latents.streams.indices.map { stream in
            clips[character].map { latents.streams[stream].squaredDistance($0.streams[stream]) }
                .min() ?? .nan
        }
    }

    /// How far latents went from a character's mean clip towards the other's, by stream: 0 not at all, 1 whole.
    func bleed(_ latents: TrialLatents, of character: Int) -> [Double] {
        latents.streams.indices.map { stream in
            let (own, other) = (mean(character, stream), mean(1 - character, stream))
            let way = other - own
            return ((latents.streams[stream] - own) * way).sum().item()
                / (way * way).sum().item()
        }
    }

    private func mean(_ character: Int, _ stream: Int) -> Tensor {
        let all = clips[character].map { $0.streams[stream] }
        return all.dropFirst().reduce(all[0]) { $0 + $1 } * (1 / Double(all.count))
    }
}

extension Tensor {
    func squaredDistance(_ other: Tensor) -> Double {
        let rest = self - other
        return (rest * rest).sum().item()
    }
}
