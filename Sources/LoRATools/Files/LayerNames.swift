import LTXModel

/// The layers of LTX-2 models that adapters are for, in the order in which the model uses them.
///
/// Files with underscores can only be read against a list of names: `to_out_0` is `to_out.0`, and
/// `audio_attn1_to_q` is `audio_attn1.to_q`.
///
/// - Source: the tensors of LTX-2.0, 2.3 and 2.5 checkpoints.
enum LayerNames {
    private static let attentions = [
        "attn1", "attn2", "audio_attn1", "audio_attn2", "audio_to_video_attn",
        "video_to_audio_attn",
    ]
    private static let projections = ["to_q", "to_k", "to_v", "to_out.0", "to_gate_logits"]
    private static let feedForward = ["net.0.proj", "net.2"]

    /// Layers of a block, behind its number.
    private static let inBlock =
        attentions.flatMap { attention in projections.map { "\(attention).\($0)" } }
        + ["ff", "audio_ff"].flatMap { part in feedForward.map { "\(part).\($0)" } }

    /// Layers before the blocks.
    private static let before =
        [
            "text_embedding_projection.aggregate_embed",
            "text_embedding_projection.video_aggregate_embed",
            "text_embedding_projection.audio_aggregate_embed",
            "patchify_proj", "audio_patchify_proj",
        ]
        + ["caption_projection", "audio_caption_projection"].flatMap {
            ["\($0).linear_1", "\($0).linear_2"]
        }
        + [
            "adaln_single", "audio_adaln_single", "prompt_adaln_single",
            "audio_prompt_adaln_single", "av_ca_video_scale_shift_adaln_single",
            "av_ca_audio_scale_shift_adaln_single", "av_ca_a2v_gate_adaln_single",
            "av_ca_v2a_gate_adaln_single",
        ]
        .flatMap { table in
            ["emb.timestep_embedder.linear_1", "emb.timestep_embedder.linear_2", "linear"]
                .map { "\(table).\($0)" }
        }

    private static let after = ["proj_out", "audio_proj_out"]

    /// A row of numbered blocks: what stands before the number, and the section in the model's order.
    private static let stacks: [(start: String, section: Int)] = [
        ("video_embeddings_connector.transformer_1d_blocks", 1),
        ("audio_embeddings_connector.transformer_1d_blocks", 2), ("transformer_blocks", 3),
    ]

    private static let tails = index(inBlock)
    private static let tops = index(before + after)

    /// By the name with dots and the name with underscores: number in the list, name with dots.
    private static func index(_ names: [String]) -> [String: (number: Int, name: String)] {
        var found: [String: (number: Int, name: String)] = [:]
        for (number, name) in names.enumerated() {
            found[name] = (number, name)
            found[underscored(name)] = (number, name)
        }
        return found
    }

    static func underscored(_ name: String) -> String { name.replacing(".", with: "_") }

    /// Where a layer lies in the model.
    struct Place: Comparable {
        let section: Int
        let block: Int?
        let number: Int
        let path: String

        static func < (a: Place, b: Place) -> Bool {
            (a.section, a.block ?? 0, a.number) < (b.section, b.block ?? 0, b.number)
        }
    }

    /// The layer that a name means, without what programs put before it: the original's name or that of
    /// diffusers, with dots or underscores; nil if there is none.
    static func place(of name: String) -> Place? {
        if let place = original(name) { return place }
        let component = name.hasPrefix("connectors.") ? name.dropFirst("connectors.".count) : nil
        guard let component else { return original(DiffusersNames.transformerLayer(name)) }
        let weight = String(component) + ".weight"
        let moved =
            DiffusersNames.connectors(weight) ?? DiffusersNames.textProjection(weight)
        return moved.flatMap { original(String($0.dropLast(".weight".count))) }
    }

    private static func original(_ name: String) -> Place? {
        if let top = tops[name] {
            let section = top.number < before.count ? 0 : 4
            return Place(section: section, block: nil, number: top.number, path: top.name)
        }
        for (start, section) in stacks {
            for (start, mark) in [(start, "."), (underscored(start), "_")]
            where name.hasPrefix(start + mark) {
                return inner(name.dropFirst(start.count + 1), of: section)
            }
        }
        return nil
    }

    private static func inner(_ rest: Substring, of section: Int) -> Place? {
        guard let end = rest.firstIndex(where: { $0 == "." || $0 == "_" }),
            let block = Int(rest[..<end]), block >= 0,
            let tail = tails[String(rest[rest.index(after: end)...])],
            let stack = stacks.first(where: { $0.section == section })
        else { return nil }
        let path = "\(stack.start).\(block).\(tail.name)"
        return Place(section: section, block: block, number: tail.number, path: path)
    }
}
