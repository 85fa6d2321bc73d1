/// The names that trainers give to parts of adapters, told apart.
///
/// - Source: the key maps of ComfyUI and peft, the savers of ai-toolkit, sd-scripts and LyCORIS.
package enum AdapterKeys {
    /// Part names as they stand in files, and what they are called here.
    private static let parts: [Substring: String] = {
        let same = [
            "lora_A", "lora_B", "alpha", "magnitude", "diff", "lokr_w1", "lokr_w1_a", "lokr_w1_b",
            "lokr_w2", "lokr_w2_a", "lokr_w2_b", "hada_w1_a", "hada_w1_b", "hada_w2_a",
            "hada_w2_b", "dora_scale",
        ]
        var parts = Dictionary(uniqueKeysWithValues: same.map { (Substring($0), $0) })
        parts["lora_down"] = "lora_A"
        parts["lora_up"] = "lora_B"
        parts["lora_magnitude_vector"] = "magnitude"
        return parts
    }()

    private static let prefixes = [
        "base_model.model.", "model.diffusion_model.", "diffusion_model.", "transformer.",
        "lycoris_", "lora_unet_", "lora_transformer_",
    ]

    /// The layer and the part that a tensor's name means; nil if it means none.
    ///
    /// Behind the part may stand the name of an adapter, and `weight`.
    package static func split(_ name: String) -> (layer: String, part: String)? {
        let words = name.split(separator: ".", omittingEmptySubsequences: false)
        guard let place = words.lastIndex(where: { parts[$0] != nil }), place > 0,
            let part = parts[words[place]], words.count - place <= 3
        else { return nil }
        return (plain(words[..<place].joined(separator: ".")), part)
    }

    /// A layer's name without what programs put before it.
    package static func plain(_ layer: String) -> String {
        guard let prefix = prefixes.first(where: layer.hasPrefix) else { return layer }
        return plain(String(layer.dropFirst(prefix.count)))
    }

    /// The name in the form of programs that allow no dots.
    package static func underscored(_ layer: String) -> String {
        layer.split(separator: ".").joined(separator: "_")
    }
}
