import Foundation

/// Names of weights in a diffusers folder, by the names of the original checkpoint.
///
/// Each function takes a name of one component and gives the original one, without the prefixes
/// `vae.`, `audio_vae.` and `model.diffusion_model.`; nil if the original has no such weight.
public enum DiffusersNames {
    /// Component `vae`.
    public static func videoVAE(_ name: String) -> String? {
        if let statistics = statistics(name) { return statistics }
        var parts = name.split(separator: ".").map(String.init)
        guard parts.count > 1, let side = parts.first else { return nil }
        parts.removeFirst()
        guard let moved = side == "encoder" ? encoder(parts) : decoder(parts) else { return nil }
        let renamed = moved.map { $0 == "resnets" ? "res_blocks" : $0 }
        return ([side] + renamed).joined(separator: ".")
    }

    /// Component `audio_vae`.
    public static func audioVAE(_ name: String) -> String? { statistics(name) ?? name }

    /// Component `connectors`, its two connectors.
    public static func connectors(_ name: String) -> String? {
        let sides = ["video_connector.", "audio_connector."]
        guard let side = sides.first(where: name.hasPrefix) else { return nil }
        let own = side.replacingOccurrences(of: "_connector.", with: "_embeddings_connector.")
        return own
            + name.dropFirst(side.count)
            .replacingOccurrences(of: "transformer_blocks.", with: "transformer_1d_blocks.")
            .replacingOccurrences(of: ".norm_q.", with: ".q_norm.")
            .replacingOccurrences(of: ".norm_k.", with: ".k_norm.")
    }

    /// Component `connectors`, its projections.
    public static func textProjection(_ name: String) -> String? {
        let names = [
            "text_proj_in.": "aggregate_embed.", "video_text_proj_in.": "video_aggregate_embed.",
            "audio_text_proj_in.": "audio_aggregate_embed.",
        ]
        guard let (stored, own) = names.first(where: { name.hasPrefix($0.key) }) else { return nil }
        return "text_embedding_projection." + own + name.dropFirst(stored.count)
    }

    private static func statistics(_ name: String) -> String? {
        let names = ["latents_mean": "mean-of-means", "latents_std": "std-of-means"]
        return names[name].map { "per_channel_statistics." + $0 }
    }

    /// Pairs of residual blocks and downsampling lie in one list in the original.
    private static func encoder(_ parts: [String]) -> [String]? {
        switch parts[0] {
        case "mid_block": ["down_blocks", "8"] + parts.dropFirst()
        case "down_blocks": unfolded(parts, "downsamplers", blocks: 0, step: 1)
        default: parts
        }
    }

    private static func decoder(_ parts: [String]) -> [String]? {
        switch parts[0] {
        case "mid_block": ["up_blocks", "0"] + parts.dropFirst()
        case "up_blocks": unfolded(parts, "upsamplers", blocks: 2, step: 1)
        case "time_embedder", "scale_shift_table": ["last_" + parts[0]] + parts.dropFirst()
        default: parts
        }
    }

    /// `down_blocks.3.downsamplers.0.conv` to `down_blocks.7.conv`; blocks go to 2i + `blocks`.
    private static func unfolded(
        _ parts: [String],
        _ sampler: String,
        blocks: Int,
        step: Int
    ) -> [String]? {
        guard parts.count > 4, let index = Int(parts[1]) else { return nil }
        guard parts[2] == sampler else {
            return [parts[0], String(2 * index + blocks)] + parts.dropFirst(2)
        }
        return [parts[0], String(2 * index + step)] + parts.dropFirst(4)
    }
}
