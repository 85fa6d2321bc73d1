import Foundation
import LTXModel
import RunConfig
import Safetensors
import Testing
import Training
import TrainingRun

/// Runs that train the connectors between text encoder and transformer too.
@Suite("Trained connectors", .serialized) struct ConnectorRunTests {
    @Test("train_text_encoder trains connectors and saves them under the names that ComfyUI reads")
    func names() async throws {
        for (version, prefixes) in [
            (ModelVersion.ltx23, ["diffusion_model."]),
            (.ltx20, ["diffusion_model.", "text_encoders."]),
        ] {
            let scene = try RunScene(version: version)
            try scene.addClips(2)
            let file = try scene.runFile(4, train: ["train_text_encoder: true"])
            let plan = try await RunPlanner(file).plan()
            #expect(plan.summary.contains(", and the text connectors"))
            let adapter = try SafetensorsFile(path: try await scene.train(file).adapter)
            for prefix in prefixes {
                for stream in ["video", "audio"] {
                    let path = "\(stream)_embeddings_connector.transformer_1d_blocks.0.attn1.to_q"
                    #expect(adapter.names.contains("\(prefix)\(path).lora_A.weight"))
                }
            }
            // B begins at zero: what is not zero was trained.
            let name =
                "diffusion_model.video_embeddings_connector.transformer_1d_blocks.0.attn1.to_q"
            let up = try adapter.floats("\(name).lora_B.weight")
            #expect(up.contains { $0 != 0 })
        }
    }

    @Test("it is off by default, and no file has its names")
    func off() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        let adapter = try SafetensorsFile(path: try await scene.train(scene.runFile(2)).adapter)
        #expect(!adapter.names.contains { $0.contains("connector") })
    }

    @Test("ten steps are five and five with connectors, preservation and held-out clips")
    func resumed() async throws {
        let train = [
            "train_text_encoder: true", "validation_split: 0.3", "held_out_every: 5",
            "blank_prompt_preservation: true", "audio_balance: gradient_norm",
        ]
        func scene() throws -> RunScene {
            let scene = try RunScene()
            try scene.addClips(4)
            return scene
        }
        let whole = try scene()
        let result = try await whole.train(whole.runFile(10, train: train))
        let parts = try scene()
        try await parts.train(parts.runFile(5, train: train))
        let resumed = try await parts.train(parts.runFile(10, train: train), resume: .latest)
        #expect(try whole.losses() == parts.losses())
        #expect(
            RunScene.tensors(whole.bytes(result.adapter))
                == RunScene.tensors(parts.bytes(resumed.adapter))
        )
        #expect(result.heldOut == resumed.heldOut)
    }

    @Test("the voice of silent clips is preserved against connectors too")
    func silent() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        try scene.addClip("mute.mp4", sound: ["-an"])
        let train = ["train_text_encoder: true", "voice_preservation: {clips: 1, steps: 2}"]
        #expect(try await scene.train(scene.runFile(4, train: train)).step == 4)
    }
}
