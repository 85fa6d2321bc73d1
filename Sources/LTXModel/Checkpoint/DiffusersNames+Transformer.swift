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
}
