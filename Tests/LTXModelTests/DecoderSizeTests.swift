import Foundation
import Testing
import Torch

@testable import LTXModel

/// Decoder and vocoder at their released sizes: what they ask for is what diffusers' classes hold, counted
/// there from the same sizes.
@Suite("Released sizes of the decoders") struct DecoderSizeTests {
    private func asked(_ make: (WeightScope) throws -> Void) throws -> AskedShapes {
        let source = AskedShapes()
        try withTorchErrors {
            try make(WeightReader(source, named: "shapes", dtype: .float32).root)
        }
        return source
    }

    private func object(_ json: String) throws -> ConfigObject {
        try ConfigObject(json: Data(json.utf8), path: "config")
    }

    private let blocks20 = """
        [["res_x", {"num_layers": 5, "inject_noise": false}],
         ["compress_all", {"residual": true, "multiplier": 2}],
         ["res_x", {"num_layers": 5, "inject_noise": false}],
         ["compress_all", {"residual": true, "multiplier": 2}],
         ["res_x", {"num_layers": 5, "inject_noise": false}],
         ["compress_all", {"residual": true, "multiplier": 2}],
         ["res_x", {"num_layers": 5, "inject_noise": false}]]
        """

    private let blocks23 = """
        [["res_x", {"num_layers": 4}], ["compress_space", {"multiplier": 2}],
         ["res_x", {"num_layers": 6}], ["compress_time", {"multiplier": 2}],
         ["res_x", {"num_layers": 4}], ["compress_all", {"multiplier": 1}],
         ["res_x", {"num_layers": 2}], ["compress_all", {"multiplier": 2}],
         ["res_x", {"num_layers": 2}]]
        """

    private func videoDecoder(_ blocks: String, conditioned: Bool) throws -> AskedShapes {
        let config = try object(
            """
            {"_class_name": "CausalVideoAutoencoder", "decoder_blocks": \(blocks),
             "decoder_base_channels": 128, "timestep_conditioning": \(conditioned)}
            """
        )
        let sizes = try VideoDecoderConfiguration(original: config)
        #expect(sizes.timeFactor == 8 && sizes.spaceFactor == 32 && sizes.inputChannels == 1024)
        return try asked { _ = VideoDecoder($0, sizes) }
    }

    @Test("video decoders")
    func videoDecoders() throws {
        let plain = try videoDecoder(blocks20, conditioned: false)
        #expect(plain.elements == 528_380_976)
        #expect(plain.asked.count == 92)
        let conditioned = try videoDecoder(blocks20, conditioned: true)
        #expect(conditioned.elements == 552_814_897)
        #expect(conditioned.asked.count == 134)
        let later = try videoDecoder(blocks23, conditioned: false)
        #expect(later.elements == 407_169_328)
        #expect(later.asked.count == 86)
        #expect(later.asked["decoder.up_blocks.5.conv.conv.weight"] == [512, 512, 3, 3, 3])
    }

    private func vocoder(_ json: String) throws -> AskedShapes {
        let sizes = try VocoderConfiguration(original: object(json), spectrum: MelConfiguration())
        return try asked { _ = Vocoder($0, sizes) }
    }

    @Test("the vocoder of LTX-2.0, all of whose sizes are defaults")
    func firstVocoder() throws {
        let found = try vocoder("{}")
        #expect(found.elements == 55_592_802)
        #expect(found.asked.count == 194)
    }

    @Test("the vocoder since LTX-2.3; of what is stored it leaves out the inverse of its spectrum")
    func laterVocoder() throws {
        let switches = """
            "resblock": "AMP1", "activation": "snakebeta", "use_tanh_at_final": false,
            "use_bias_at_final": false
            """
        let found = try vocoder(
            """
            {"vocoder": {"upsample_initial_channel": 1536, "upsample_rates": [5, 2, 2, 2, 2, 2],
              "upsample_kernel_sizes": [11, 4, 4, 4, 4, 4], \(switches)},
             "bwe": {"upsample_initial_channel": 512, "upsample_rates": [6, 5, 2, 2, 2],
              "upsample_kernel_sizes": [12, 11, 4, 4, 4], "apply_final_activation": false,
              "input_sampling_rate": 16000, "output_sampling_rate": 48000, "hop_length": 80,
              "n_fft": 512, "win_size": 512, "num_mels": 64, \(switches)}}
            """
        )
        #expect(found.elements == 129_085_032 - 514 * 512)
        #expect(found.asked.count == 1227 - 1)
    }
}
