import Foundation
import Safetensors
public import Torch

/// One weight of a model, with its names.
public struct NamedWeight {
    /// The original name without `model.diffusion_model.`.
    public let name: String
    /// The name in the file that it was read from.
    public let storedName: String
    /// The weight that the model uses.
    public let tensor: Tensor

    /// Joins them.
    public init(name: String, storedName: String, tensor: Tensor) {
        self.name = name
        self.storedName = storedName
        self.tensor = tensor
    }
}

extension Checkpoint {
    /// Reads the transformer and tells its weights, sorted by name, so that they can be trained and written.
    ///
    /// - Throws: as `transformer(dtype:device:)`; `ConfigurationError` if weights are stored in codes.
    public func transformerWithWeights(
        dtype: DType,
        device: Device
    ) throws -> (model: Transformer, weights: [NamedWeight]) {
        try refuseCodes()
        let reader = try reader(.transformer, dtype: dtype, device: device, keepsTensors: true)
        let model = try transformer(reader)
        let source = try weights(.transformer)
        let named = reader.tensors.sorted { $0.key < $1.key }.map { name, tensor in
            NamedWeight(
                name: name,
                storedName: source.storedName(of: name) ?? name,
                tensor: tensor
            )
        }
        return (model, named)
    }

    /// Codes cannot be trained: they would be decoded and never become codes again.
    public func refuseCodes() throws {
        let weights = try weights(.transformer)
        let coded = weights.names.filter { (weights.info($0)?.dtype.bitWidth ?? 16) < 16 }
        guard let first = coded.first else { return }
        throw ConfigurationError(
            "\(path): \(coded.count) weights are stored in 8 bits or less (\(first)), should be bf16, fp16 or "
                + "fp32 to be trained themselves; use the bf16 checkpoint, or add a network section"
        )
    }

    /// `__metadata__` of a single file with this transformer: the original's, or made from a diffusers folder.
    public var singleFileMetadata: [String: String] {
        get throws {
            guard layout == .diffusersFolder else { return try weights(.transformer).metadata }
            let config = try transformerConfiguration.original
            let json = try JSONSerialization.data(
                withJSONObject: ["transformer": config],
                options: [.sortedKeys]
            )
            return ["config": String(decoding: json, as: UTF8.self)]
        }
    }

    /// What stands before the names of a transformer in a single file.
    public static var transformerPrefix: String { CheckpointPart.modelPrefix }
}

extension TransformerConfiguration {
    /// `config.transformer` of a single file, without what all LTX-2 transformers share.
    fileprivate var original: [String: Any] {
        var keys: [String: Any] = [
            "num_layers": blockCount,
            "apply_gated_attention": gatedAttention,
            "cross_attention_adaln": modulatedTextAttention,
            "use_keyframes_abs_pos_embedding": keyframeEmbedding,
            "norm_eps": epsilon,
            "positional_embedding_theta": ropeTheta,
            "positional_embedding_max_pos": ropeMaximum.map { Int($0) },
            "audio_positional_embedding_max_pos": [Int(audioRopeMaximum)],
            "frequencies_precision": ropeDoublePrecision ? "float64" : "float32",
            "timestep_scale_multiplier": timestepScale,
            "av_ca_timestep_scale_multiplier": crossGateScale,
            "caption_channels": captionWidth ?? video.width,
        ]
        keys.merge(video.original("")) { own, _ in own }
        keys.merge(audio.original("audio_")) { own, _ in own }
        return keys
    }
}

extension StreamConfiguration {
    fileprivate func original(_ prefix: String) -> [String: Any] {
        [
            prefix + "num_attention_heads": heads,
            prefix + "attention_head_dim": headWidth,
            prefix + "in_channels": channels,
            prefix + "ff_bias": feedForwardBias,
        ]
    }
}
