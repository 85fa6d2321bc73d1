import Foundation
import Safetensors
import Torch

/// One component of a checkpoint: its weights under original names, and its configuration.
struct CheckpointPart {
    let weights: FileWeights
    let config: ConfigObject

    /// The parts of a file (or folder of shards) with the original names and `__metadata__`.
    static func file(_ path: String) throws -> [Checkpoint.Component: CheckpointPart] {
        let files = try WeightFiles(path: path)
        guard let text = files.metadata["config"] else {
            throw ConfigurationError(
                "\(path): has no `config` in its metadata; use an original LTX-2 checkpoint or a diffusers folder"
            )
        }
        let config = try ConfigObject(json: Data(text.utf8), path: "\(path): config")
        return try parts { component in
            let weights = FileWeights(files) { originalName($0, component) }
            guard !weights.names.isEmpty else { return nil }
            // The connectors' sizes are part of the transformer's section.
            let section = component == .connectors ? "transformer" : component.rawValue
            return CheckpointPart(weights: weights, config: try config.object(section))
        }
    }

    /// The parts of a diffusers folder.
    static func folder(_ path: String) throws -> [Checkpoint.Component: CheckpointPart] {
        try parts { component in
            let place = "\(path)/\(component.rawValue)"
            guard let json = FileManager.default.contents(atPath: place + "/config.json") else {
                return nil
            }
            let weights = FileWeights(try WeightFiles(path: place)) { diffusersName($0, component) }
            let config = try ConfigObject(json: json, path: place + "/config.json")
            return CheckpointPart(weights: weights, config: config)
        }
    }

    private static func parts(
        _ make: (Checkpoint.Component) throws -> CheckpointPart?
    ) throws -> [Checkpoint.Component: CheckpointPart] {
        var parts: [Checkpoint.Component: CheckpointPart] = [:]
        for component in Checkpoint.Component.allCases { parts[component] = try make(component) }
        return parts
    }

    static let modelPrefix = "model.diffusion_model."
    private static let connectorNames = [
        "video_embeddings_connector.", "audio_embeddings_connector.",
    ]

    /// The name within a component of a single file; nil if the weight belongs to another one.
    private static func originalName(_ stored: String, _ component: Checkpoint.Component) -> String?
    {
        func below(_ prefix: String) -> String? {
            stored.hasPrefix(prefix) ? String(stored.dropFirst(prefix.count)) : nil
        }
        switch component {
        case .transformer:
            let name = below(modelPrefix)
            return connectorNames.contains { name?.hasPrefix($0) == true } ? nil : name
        case .connectors:
            if stored.hasPrefix("text_embedding_projection.") { return stored }
            let name = below(modelPrefix)
            return connectorNames.contains { name?.hasPrefix($0) == true } ? name : nil
        case .videoVAE: return below("vae.")
        case .audioVAE: return below("audio_vae.")
        case .vocoder: return below("vocoder.")
        }
    }

    private static func diffusersName(
        _ stored: String,
        _ component: Checkpoint.Component
    ) -> String? {
        switch component {
        case .transformer: DiffusersNames.transformer(stored)
        case .connectors:
            DiffusersNames.connectors(stored) ?? DiffusersNames.textProjection(stored)
        case .videoVAE: DiffusersNames.videoVAE(stored)
        case .audioVAE: DiffusersNames.audioVAE(stored)
        case .vocoder: DiffusersNames.vocoder(stored)
        }
    }
}
