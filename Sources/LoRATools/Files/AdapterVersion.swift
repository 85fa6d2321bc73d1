import LTXModel

/// Tells which version of LTX-2 an adapter is for.
enum AdapterVersion {
    /// Layers that only some versions have decide; where they leave it open, what the file says of itself.
    static func version(of layers: [LoRALayer], metadata: [String: String]) -> ModelVersion? {
        let said = claimed(metadata)
        if layers.contains(where: isOldOnly) { return .ltx20 }
        guard layers.contains(where: isNewOnly) else { return said }
        return said == .ltx25 ? .ltx25 : .ltx23
    }

    private static func isOldOnly(_ layer: LoRALayer) -> Bool {
        layer.path.contains("caption_projection.") || tableRows(layer) == 6
            || layer.path == "text_embedding_projection.aggregate_embed"
    }

    private static func isNewOnly(_ layer: LoRALayer) -> Bool {
        layer.path.hasSuffix("to_gate_logits") || layer.path.contains("prompt_adaln_single.")
            || layer.path.hasSuffix("o_aggregate_embed") || tableRows(layer) == 9
    }

    /// Rows of modulation that the timestep gives each block: 6 in 2.0, 9 later.
    private static func tableRows(_ layer: LoRALayer) -> Int? {
        let names = ["adaln_single.linear", "audio_adaln_single.linear"]
        guard names.contains(layer.path), layer.inputCount > 0 else { return nil }
        return layer.outputCount / layer.inputCount
    }

    private static func claimed(_ metadata: [String: String]) -> ModelVersion? {
        let keys = ["ss_base_model_version", "arch", "modelspec.architecture", "base_model"]
        for text in keys.compactMap({ metadata[$0]?.lowercased() }) {
            guard
                let match = text.firstMatch(
                    of: /ltx[-_ ]?(?:video[-_ ]?)?(?:av[-_ ]?)?2(?:\.(\d))?/
                )
            else { continue }
            switch match.1 {
            case "3": return .ltx23
            case "5": return .ltx25
            default: return .ltx20
            }
        }
        return nil
    }
}
