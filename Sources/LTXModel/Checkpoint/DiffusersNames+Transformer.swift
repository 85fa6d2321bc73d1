extension DiffusersNames {
    private static let tops: [(stored: String, own: String)] = [
        ("proj_in.", "patchify_proj."), ("audio_proj_in.", "audio_patchify_proj."),
        ("time_embed.", "adaln_single."), ("audio_time_embed.", "audio_adaln_single."),
        ("av_cross_attn_video_scale_shift.", "av_ca_video_scale_shift_adaln_single."),
        ("av_cross_attn_audio_scale_shift.", "av_ca_audio_scale_shift_adaln_single."),
        ("av_cross_attn_video_a2v_gate.", "av_ca_a2v_gate_adaln_single."),
        ("av_cross_attn_audio_v2a_gate.", "av_ca_v2a_gate_adaln_single."),
        ("prompt_adaln.", "prompt_adaln_single."),
        ("audio_prompt_adaln.", "audio_prompt_adaln_single."),
    ]

    private static let inner: [String: String] = [
        "norm_q": "q_norm", "norm_k": "k_norm",
        "video_a2v_cross_attn_scale_shift_table": "scale_shift_table_a2v_ca_video",
        "audio_a2v_cross_attn_scale_shift_table": "scale_shift_table_a2v_ca_audio",
    ]

    /// Component `transformer`; the original name without `model.diffusion_model.`.
    public static func transformer(_ name: String) -> String {
        if let top = tops.first(where: { name.hasPrefix($0.stored) }) {
            return top.own + name.dropFirst(top.stored.count)
        }
        let parts = name.split(separator: ".").map(String.init)
        return parts.map { inner[$0] ?? $0 }.joined(separator: ".")
    }

    /// The same for the path of a layer, without `.weight` behind it: as adapter files name it.
    public static func transformerLayer(_ path: String) -> String {
        let name = transformer(path + ".weight")
        return String(name.dropLast(".weight".count))
    }

    /// The name that diffusers has for the layer at a path of the original checkpoint.
    public static func storedTransformerLayer(_ path: String) -> String {
        let name = path + "."
        if let top = tops.first(where: { name.hasPrefix($0.own) }) {
            return String((top.stored + name.dropFirst(top.own.count)).dropLast())
        }
        let stored = Dictionary(uniqueKeysWithValues: inner.map { ($1, $0) })
        return path.split(separator: ".").map { stored[String($0)] ?? String($0) }
            .joined(separator: ".")
    }

    /// The name in component `connectors` of a layer of the two connectors and of the projections before
    /// them; nil for other layers.
    public static func storedConnectorLayer(_ path: String) -> String? {
        let moved = [
            ("video_embeddings_connector.", "video_connector."),
            ("audio_embeddings_connector.", "audio_connector."),
            ("text_embedding_projection.video_aggregate_embed", "video_text_proj_in"),
            ("text_embedding_projection.audio_aggregate_embed", "audio_text_proj_in"),
            ("text_embedding_projection.aggregate_embed", "text_proj_in"),
        ]
        guard let (own, stored) = moved.first(where: { path.hasPrefix($0.0) }) else { return nil }
        return (stored + path.dropFirst(own.count))
            .replacing("transformer_1d_blocks.", with: "transformer_blocks.")
    }
}
