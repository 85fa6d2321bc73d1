import Foundation
import Safetensors

/// What an adapter's header says: no tensor is read.
struct AdapterFacts {
    /// `lora`, `dora`, `loha` or `lokr`.
    let kind: String
    /// Smaller side of its first matrix; nil where that is not the rank.
    let rank: Int?
    /// What it was trained on, in its own words.
    let base: String?
    /// Steps that it was trained for.
    let step: Int?
    /// The streams, and the ways between them, that it changes.
    let pathways: [String]

    /// Nil for what holds no adapter: checkpoints, states, caches.
    init?(_ file: SafetensorsFile) {
        guard let (kind, first) = Self.kind(of: file.names) else { return nil }
        self.kind = kind
        rank = kind == "lokr" ? nil : file.info(first)?.shape.min()
        base = file.metadata["ss_base_model_version"]
        step = Self.step(file.metadata)
        let found = Set(file.names.map(Self.pathway))
        pathways = Self.pathwayNames.filter(found.contains)
    }

    private static let pathwayNames = [
        "video", "audio", "audio_to_video", "video_to_audio", "video_connector", "audio_connector",
        "other",
    ]

    private static func kind(of names: [String]) -> (String, String)? {
        let marks = [
            (".hada_w1_a", "loha"), (".lokr_w1", "lokr"), (".lora_A.", "lora"),
            (".lora_down.", "lora"),
        ]
        for (mark, kind) in marks {
            guard let first = names.first(where: { $0.contains(mark) }) else { continue }
            let isDoRA = names.contains { $0.contains("dora_scale") || $0.contains("magnitude") }
            return (kind == "lora" && isDoRA ? "dora" : kind, first)
        }
        return nil
    }

    /// As `Adapters.Pathway` tells it, which needs LibTorch.
    static func pathway(of name: String) -> String {
        let marks = [
            ("audio_embeddings_connector", "audio_connector"),
            ("video_embeddings_connector", "video_connector"),
            ("audio_to_video_attn", "audio_to_video"), ("video_to_audio_attn", "video_to_audio"),
            ("audio_", "audio"), ("attn", "video"), ("ff.", "video"),
        ]
        return marks.first { name.contains($0.0) }?.1 ?? "other"
    }

    private struct Info: Decodable { let step: Int? }

    private static func step(_ metadata: [String: String]) -> Int? {
        if let plain = ["ss_steps", "steps", "step"].compactMap({ metadata[$0].flatMap(Int.init) })
            .first
        {
            return plain
        }
        let info = metadata["training_info"].map { Data($0.utf8) }
        return info.flatMap { try? JSONDecoder().decode(Info.self, from: $0).step }
    }
}
