import Adapters
import LTXModel

/// How programs spell the names of an adapter file.
public enum KeyDialect: String, CaseIterable, Sendable {
    /// `diffusion_model.` and the checkpoint's own names: ComfyUI, the official trainer, ai-toolkit.
    case comfyUI = "comfyui"
    /// `transformer.` and the names of diffusers.
    case diffusers
    /// `lora_unet_`, underscores, `lora_down` and `lora_up`.
    case kohya
    /// `base_model.model.` before the names.
    case peft
    /// `lycoris_` and underscores.
    case lycoris
    /// Nothing before the names.
    case plain

    private static let prefixes: [(start: String, dialect: KeyDialect)] = [
        ("base_model.model.", .peft), ("model.diffusion_model.", .comfyUI),
        ("diffusion_model.", .comfyUI), ("text_encoders.", .comfyUI),
        ("transformer.", .diffusers), ("connectors.", .diffusers), ("lora_unet_", .kohya),
        ("lora_transformer_", .kohya), ("lycoris_", .lycoris),
    ]

    /// The spelling of one tensor's name.
    init(of name: String) {
        self = Self.prefixes.first { name.hasPrefix($0.start) }?.dialect ?? .plain
    }

    /// The name of a part of a layer's adapter.
    ///
    /// - Parameters:
    ///   - path: the layer's name in the checkpoint.
    ///   - part: what `LoRAPart.name` calls it, such as `lora_A` or `alpha`.
    /// - Returns: the whole name.
    public func key(_ path: String, _ part: String) -> String {
        "\(layerName(path)).\(ending(part))"
    }

    private func layerName(_ path: String) -> String {
        switch self {
        case .comfyUI: return "diffusion_model." + path
        case .kohya: return "lora_unet_" + LayerNames.underscored(path)
        case .lycoris: return "lycoris_" + LayerNames.underscored(path)
        case .peft: return "base_model.model." + path
        case .plain: return path
        case .diffusers:
            let connector = DiffusersNames.storedConnectorLayer(path)
            return connector.map { "connectors." + $0 }
                ?? "transformer." + DiffusersNames.storedTransformerLayer(path)
        }
    }

    private func ending(_ part: String) -> String {
        let isKohya = self == .kohya || self == .lycoris
        switch part {
        case "lora_A": return isKohya ? "lora_down.weight" : "lora_A.weight"
        case "lora_B": return isKohya ? "lora_up.weight" : "lora_B.weight"
        case "magnitude": return "lora_magnitude_vector"
        default: return part
        }
    }
}
