import LTXModel
import Torch

// Axes: B batch, T tokens, C latent channels, S text tokens, A position axes.

/// Inputs of a recorded transformer, and the call of each recorded case.
struct TransformerInputs {
    let grid: VideoGrid
    let audioCount: Int
    private let video: Tensor  // [B, T, C]
    private let audio: Tensor  // [B, T, C]
    private let videoText: Tensor  // [B, S, D]
    private let audioText: Tensor  // [B, S, D]
    private let textMask: Tensor?  // [B, S]
    private let sigma: Tensor  // [B]
    private let audioSigma: Tensor?  // [B]
    private let imageSigmas: [[Float]]?
    private let keyframes: Tensor?  // [B, T, 1]
    private let device: Device

    /// Noise levels, which are recorded times 1000.
    ///
    /// A true division: a product with 0.001 would be a bit off, and the sinusoids show it.
    static func sigmas(ofTimesteps timesteps: Tensor) -> Tensor {
        timesteps / Tensor.full([1], 1000, device: timesteps.device)
    }

    init(_ comparison: Comparison, scale: LatentScale) throws {
        let recording = comparison.recording
        func optional(_ name: String, axes: Int) throws -> Tensor? {
            recording.has(name) ? try comparison.input(name, axes: axes) : nil
        }
        device = comparison.device
        video = try comparison.input("in.hidden_states", axes: 3)
        audio = try comparison.input("in.audio_hidden_states", axes: 3)
        audioCount = audio.size(1)
        videoText = try comparison.input("in.encoder_hidden_states", axes: 3)
        audioText = try comparison.input("in.audio_encoder_hidden_states", axes: 3)
        textMask = try optional("in.encoder_attention_mask", axes: 2)
        sigma = try Self.sigmas(ofTimesteps: comparison.input("in.sigma", axes: 1))
        audioSigma = try optional("in.audio_sigma", axes: 1).map(Self.sigmas)
        let perToken = try optional("in.timestep.i2v", axes: 2)
        imageSigmas = perToken.map { timesteps in
            let sigmas = Self.sigmas(ofTimesteps: timesteps)
            return (0..<sigmas.size(0)).map { sigmas.select(0, $0).floats() }
        }
        keyframes = try optional("in.video_keyframes_mask", axes: 3)
        let coordinates = try recording.tensor("coords.video", axes: 4)
        grid = try Self.grid(coordinates, tokens: video.size(1), scale, recording.path)
    }

    /// The grid whose tokens have the recorded coordinates `[B, A, T, 2]`.
    private static func grid(
        _ coordinates: Tensor,
        tokens: Int,
        _ scale: LatentScale,
        _ path: String
    ) throws -> VideoGrid {
        let sizes = (0..<3).map { axis in
            Set(coordinates.select(0, 0).select(0, axis).select(1, 0).floats()).count
        }
        // The first latent frame lasts as long as the pictures it holds.
        let first = coordinates.select(0, 0).select(0, 0).select(0, 0).select(0, 1).item()
        let fps = (Double(scale.causalOffset) / first * 1000).rounded() / 1000
        guard !torchHasFailed, sizes.reduce(1, *) == tokens, fps.isFinite, fps > 0 else {
            throw VerificationError(
                "\(path): coords.video are no grid of \(tokens) tokens, should have three axes with "
                    + "starts and ends; record it again"
            )
        }
        return VideoGrid(frames: sizes[0], height: sizes[1], width: sizes[2], fps: fps)
    }

    /// The call of a recorded case; nil if the case is unknown or its inputs are not there.
    func call(_ name: String) -> TransformerInput? {
        switch name {
        case "t2v", "isolated":
            var input = shared(mask: textMask)
            input.isolated = name == "isolated"
            return input
        case "t2v_nomask": return shared(mask: nil)
        case "i2v_own": return image(.own)
        case "i2v_cross": return image(.cross)
        case "keyframes":
            guard let keyframes else { return nil }
            var input = shared(mask: textMask)
            input.keyframes = keyframes
            return input
        default:
            guard name.hasPrefix("stg"), let block = Int(name.dropFirst("stg".count)) else {
                return nil
            }
            var input = shared(mask: textMask)
            input.valuesOnlyBlocks = [block]
            return input
        }
    }

    /// One noise level for both modalities.
    private func shared(mask: Tensor?) -> TransformerInput {
        TransformerInput(
            video: ModalityInput(latent: video, sigma: sigma, text: videoText, textMask: mask),
            audio: ModalityInput(latent: audio, sigma: sigma, text: audioText, textMask: mask),
            grid: grid
        )
    }

    /// The first picture is given, and sound has its own noise level.
    private func image(_ modulation: CrossModulation) -> TransformerInput? {
        guard let audioSigma, let imageSigmas else { return nil }
        let levels = NoiseLevels(perToken: imageSigmas, device: device)
        var input = TransformerInput(
            video: ModalityInput(
                latent: video,
                sigma: sigma,
                levels: levels,
                text: videoText,
                textMask: textMask
            ),
            audio: ModalityInput(
                latent: audio,
                sigma: audioSigma,
                text: audioText,
                textMask: textMask
            ),
            grid: grid
        )
        input.crossModulation = modulation
        return input
    }
}
