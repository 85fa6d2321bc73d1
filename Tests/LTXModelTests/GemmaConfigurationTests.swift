import Foundation
import Testing

@testable import LTXModel

@Suite("Gemma configuration") struct GemmaConfigurationTests {
    private func read(_ json: String) throws -> GemmaConfiguration {
        try GemmaConfiguration(ConfigObject(json: Data(json.utf8), path: "config.json"))
    }

    @Test("the file that Google ships gives the 12B model")
    func realFile() throws {
        let configuration = try read(
            """
            {"architectures": ["Gemma3ForConditionalGeneration"], "model_type": "gemma3",
             "text_config": {"hidden_size": 3840, "intermediate_size": 15360,
               "model_type": "gemma3_text", "num_attention_heads": 16, "num_hidden_layers": 48,
               "num_key_value_heads": 8, "rope_scaling": {"factor": 8.0, "rope_type": "linear"},
               "sliding_window": 1024}}
            """
        )
        #expect(configuration == GemmaConfiguration())
        #expect(configuration.stateCount == 49)
        let global = configuration.globalLayers.indices.filter { configuration.globalLayers[$0] }
        #expect(global == [5, 11, 17, 23, 29, 35, 41, 47])
    }

    @Test("the newer spelling of rotary angles and layer kinds is read")
    func newFile() throws {
        let file = try Fixture.configuration("ltx23_diffusers/text_encoder/config.json")
        let configuration = try GemmaConfiguration(file)
        #expect(configuration.width == 24)
        #expect(configuration.window == 6)
        #expect(configuration.globalLayers == [false, false, true])
        #expect(configuration.globalFactor == 8)
        #expect(configuration.queryScale == 16)
    }

    @Test("the older spelling of rotary angles and of the pattern is read")
    func oldSpelling() throws {
        let configuration = try read(
            """
            {"model_type": "gemma3_text", "num_hidden_layers": 4, "sliding_window_pattern": 2,
             "rope_local_base_freq": 5000.0, "rope_theta": 20000.0}
            """
        )
        #expect(configuration.globalLayers == [false, true, false, true])
        #expect(configuration.slidingTheta == 5000)
        #expect(configuration.globalTheta == 20000)
    }

    @Test("models that compute something else are refused")
    func refused() {
        #expect(
            throws: ConfigurationError(
                "config.json.model_type: is gemma4_unified_text, only gemma3_text is implemented; use an original LTX-2 checkpoint"
            )
        ) {
            try read(#"{"model_type": "gemma4_unified_text"}"#)
        }
        #expect(
            throws: ConfigurationError(
                "config.json.attn_logit_softcapping: is set, should be absent or null; use Gemma 3"
            )
        ) {
            try read(#"{"attn_logit_softcapping": 50.0}"#)
        }
        #expect(throws: ConfigurationError.self) {
            try read(#"{"num_hidden_layers": 1, "layer_types": ["linear_attention"]}"#)
        }
        #expect(throws: ConfigurationError.self) {
            try read(#"{"rope_scaling": {"rope_type": "yarn", "factor": 8.0}}"#)
        }
        #expect(throws: ConfigurationError.self) { try read(#"{"num_key_value_heads": 3}"#) }
    }
}
