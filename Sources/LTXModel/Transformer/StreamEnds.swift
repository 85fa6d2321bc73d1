import Torch

// Axes: B batch, T tokens, C latent channels, D width, U distinct noise levels.

/// What surrounds the blocks in one modality: projections in and out, and the noise level's modules.
final class StreamEnds {
    /// The names that differ between the modalities.
    enum Modality { case video, audio }

    private let inward: Linear
    private let outward: Linear
    private let outwardTable: Tensor  // [2, D]
    let modulation: TimestepModulation
    private let textModulation: TimestepModulation?
    private let crossModulation: TimestepModulation
    private let gateModulation: TimestepModulation
    private let captionProjection: CaptionProjection?
    private let keyframeEmbedding: Tensor?  // [1, D]
    private let epsilon: Double

    init(_ weights: WeightScope, _ modality: Modality, config: TransformerConfiguration) {
        let isVideo = modality == .video
        let stream = isVideo ? config.video : config.audio
        let prefix = isVideo ? "" : "audio_"
        let name = isVideo ? "video" : "audio"
        let width = stream.width
        func timesteps(_ name: String, _ rows: Int, gate: Bool = false) -> TimestepModulation {
            TimestepModulation(
                weights / name,
                width: width,
                rows: rows,
                scale: gate ? config.crossGateScale : config.timestepScale
            )
        }
        inward = Linear(weights / (prefix + "patchify_proj"), stream.channels, width)
        outward = Linear(weights / (prefix + "proj_out"), width, stream.channels)
        outwardTable = weights.tensor(prefix + "scale_shift_table", [2, width])
        modulation = timesteps(prefix + "adaln_single", config.modulationRows)
        textModulation =
            config.modulatedTextAttention ? timesteps(prefix + "prompt_adaln_single", 2) : nil
        crossModulation = timesteps("av_ca_\(name)_scale_shift_adaln_single", 4)
        gateModulation = timesteps(
            "av_ca_\(isVideo ? "a2v" : "v2a")_gate_adaln_single",
            1,
            gate: true
        )
        captionProjection = config.captionWidth.map {
            CaptionProjection(weights / (prefix + "caption_projection"), from: $0, to: width)
        }
        keyframeEmbedding =
            isVideo && config.keyframeEmbedding
            ? weights.tensor("keyframes_abs_pos_embedding", [1, width]) : nil
        epsilon = config.epsilon
    }

    /// The linear layers around the blocks.
    var linears: [Linear] {
        let modulations = [modulation, textModulation, crossModulation, gateModulation]
        return [inward, outward] + modulations.compactMap(\.self).flatMap(\.linears)
            + (captionProjection?.linears ?? [])
    }

    /// `[B, T, C]` to `[B, T, D]`, in the dtype of the weights.
    func embedded(_ latent: Tensor, keyframes: Tensor?) -> Tensor {
        let tokens = inward(latent.to(outwardTable.dtype))
        guard let keyframes, let keyframeEmbedding else { return tokens }
        return tokens.adding(keyframes.to(tokens.dtype), times: keyframeEmbedding)
    }

    /// `[B, T, D]` to velocities `[B, T, C]`, float32.
    func velocity(_ x: Tensor, _ levels: NoiseLevels) -> Tensor {
        let embedded = modulation(levels.values).embedded  // [U, D]
        let shift = levels.spread(embedded + outwardTable.select(0, 0))
        let scale = levels.spread(embedded + outwardTable.select(0, 1))
        let normalized = x.layerNorm(epsilon: epsilon)
        return outward(shift.adding(normalized, times: scale + 1)).to(.float32)
    }

    func conditions(
        _ input: ModalityInput,
        other: ModalityInput?,
        _ kind: CrossModulation,
        _ rope: RotaryTable,
        _ crossRope: RotaryTable
    ) -> StreamConditions {
        let foreign = other.map { NoiseLevels(perItem: $0.sigma) } ?? input.levels
        let crossLevels = kind == .cross ? foreign : input.levels
        let gateLevels = kind == .own ? input.levels : foreign
        let text = input.text.to(outwardTable.dtype)
        return StreamConditions(
            rows: modulation(input.levels.values).rows,
            levels: input.levels,
            textRows: textModulation.map { $0(input.sigma).rows },
            text: captionProjection.map { $0(text) } ?? text,
            textBias: input.textMask.map { Self.bias($0, text.dtype) },
            keyBias: input.tokenMask.map { Self.bias($0, text.dtype) },
            rope: rope,
            crossRope: crossRope,
            crossRows: crossModulation(crossLevels.values).rows,
            crossLevels: crossLevels,
            gateRows: gateModulation(gateLevels.values).rows,
            gateLevels: gateLevels
        )
    }

    /// What hides padding: 0 where the mask is 1, −10,000 where it is 0; `[B, 1, 1, S]`.
    private static func bias(_ mask: Tensor, _ dtype: DType) -> Tensor {
        ((mask.to(.float32) - 1) * 10000).to(dtype).unsqueeze(1).unsqueeze(1)
    }
}

/// The text projection inside the transformer of LTX-2.0.
private final class CaptionProjection {
    private let first: Linear
    private let second: Linear

    init(_ weights: WeightScope, from input: Int, to width: Int) {
        first = Linear(weights / "linear_1", input, width)
        second = Linear(weights / "linear_2", width, width)
    }

    var linears: [Linear] { [first, second] }

    func callAsFunction(_ text: Tensor) -> Tensor { second(first(text).gelu()) }
}
