import Safetensors
import Testing
import Torch

@testable import LTXModel

@Suite("Names of the diffusers layout") struct DiffusersNamesTests {
    /// What only one of the layouts holds.
    private let originalOnly: Set<String> = [
        "per_channel_statistics.channel", "per_channel_statistics.mean-of-stds",
    ]

    @Test(
        "every weight of VAEs and vocoder gets the name it has in the original",
        arguments: ["20", "23"]
    )
    func names(version: String) throws {
        let single = try Fixture.files("ltx\(version)_single").names
        let components: [(String, String, (String) -> String?)] = [
            ("vae", "vae.", DiffusersNames.videoVAE),
            ("audio_vae", "audio_vae.", DiffusersNames.audioVAE),
            ("vocoder", "vocoder.", DiffusersNames.vocoder),
        ]
        for (component, prefix, rename) in components {
            let stored = try Fixture.files("ltx\(version)_diffusers/\(component)").names
            let renamed = Set(stored.compactMap(rename))
            let original = Set(
                single.filter { $0.hasPrefix(prefix) }.map { String($0.dropFirst(prefix.count)) }
            )
            #expect(renamed.count == stored.count)
            #expect(renamed == original.subtracting(originalOnly))
        }
    }

    @Test("parts of a timestep-conditioned decoder are moved")
    func conditioned() {
        let names = [
            "decoder.scale_shift_table": "decoder.last_scale_shift_table",
            "decoder.time_embedder.timestep_embedder.linear_1.weight":
                "decoder.last_time_embedder.timestep_embedder.linear_1.weight",
            "decoder.up_blocks.1.resnets.2.scale_shift_table":
                "decoder.up_blocks.4.res_blocks.2.scale_shift_table",
            "decoder.timestep_scale_multiplier": "decoder.timestep_scale_multiplier",
        ]
        for (stored, original) in names { #expect(DiffusersNames.videoVAE(stored) == original) }
    }

    @Test("names that belong to nothing are left out")
    func strangers() {
        #expect(DiffusersNames.videoVAE("quant_conv") == nil)
        #expect(DiffusersNames.videoVAE("encoder.down_blocks.x.resnets.0.conv1.conv.weight") == nil)
        #expect(DiffusersNames.connectors("text_proj_in.weight") == nil)
        #expect(DiffusersNames.textProjection("video_connector.learnable_registers") == nil)
    }
}
