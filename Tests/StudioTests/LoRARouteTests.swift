import Adapters
import Foundation
import HTTPTypes
import HummingbirdTesting
import RunStore
import Safetensors
import Testing

@testable import Studio

@Suite("Adapters over HTTP") struct LoRARouteTests {
    private static func write(_ names: [String], _ metadata: [String: String], to path: String)
        throws
    {
        let entries = names.map { SafetensorsEntry(name: $0, dtype: .f32, shape: [4, 2]) }
        let file = try SafetensorsWriter(path: path, entries: entries, metadata: metadata)
        for name in names {
            try [UInt8](repeating: 0, count: 32).withUnsafeBytes { try file.write(name, $0) }
        }
        try file.finish()
    }

    @Test("what an adapter is stands in its header; other files are none")
    func list() async throws {
        let studio = try TestStudio(routes: { [LoRARoutes(roots: $0)] })
        try Self.write(
            [
                "diffusion_model.transformer_blocks.0.attn1.to_q.lora_A.weight",
                "diffusion_model.transformer_blocks.0.audio_to_video_attn.to_k.lora_A.weight",
                "diffusion_model.transformer_blocks.0.attn1.to_q.dora_scale",
            ],
            ["training_info": #"{"step": 250}"#, "ss_base_model_version": "ltx2.3"],
            to: studio.root + "/a.safetensors"
        )
        try Self.write(["model.weight"], [:], to: studio.root + "/checkpoint.safetensors")
        try await studio.serve { browser in
            let found = try await browser.get("/api/loras").object()["loras"] as? [[String: Any]]
            #expect(found?.count == 1)
            let one = try #require(found?.first)
            #expect(one["kind"] as? String == "dora" && one["rank"] as? Int == 2)
            #expect(one["step"] as? Int == 250 && one["base"] as? String == "ltx2.3")
            #expect(one["pathways"] as? [String] == ["video", "audio_to_video"])
        }
    }

    @Test(
        "layers belong to the pathways that the trainer names",
        arguments: [
            "transformer_blocks.0.attn1.to_q", "transformer_blocks.0.ff.net.0.proj",
            "transformer_blocks.0.audio_attn2.to_v", "transformer_blocks.0.audio_ff.net.2",
            "transformer_blocks.0.audio_to_video_attn.to_q",
            "transformer_blocks.0.video_to_audio_attn.to_q",
            "video_embeddings_connector.0.attn1.to_q", "audio_embeddings_connector.0.ff.net.2",
            "caption_projection.linear_1",
        ]
    )
    func pathways(layer: String) {
        #expect(AdapterFacts.pathway(of: layer) == Pathway(layer).rawValue)
    }
}
