import Foundation
import Testing

@testable import ModelHub

@Suite struct SelectionTests {
    /// The names in the repository of LTX-2, shortened.
    private let ltx2 = [
        "README.md", "model_index.json", "ltx-2-19b-dev.safetensors",
        "ltx-2-19b-dev-fp8.safetensors", "ltx-2-19b-distilled.safetensors",
        "ltx-2-spatial-upscaler-x2-1.0.safetensors", "transformer/config.json",
        "transformer/diffusion_pytorch_model-00001-of-00002.safetensors",
        "transformer/diffusion_pytorch_model-00002-of-00002.safetensors",
        "transformer/diffusion_pytorch_model.safetensors.index.json",
        "vae/config.json", "vae/diffusion_pytorch_model.safetensors",
        "audio_vae/config.json", "audio_vae/diffusion_pytorch_model.safetensors",
        "connectors/config.json", "connectors/diffusion_pytorch_model.safetensors",
        "vocoder/config.json", "vocoder/diffusion_pytorch_model.safetensors",
        "text_encoder/config.json", "text_encoder/model-00001-of-00001.safetensors",
        "text_encoder/model.safetensors.index.json",
        "tokenizer/tokenizer.model", "tokenizer/tokenizer_config.json",
    ]

    @Test("of an LTX-2 repository only the dev checkpoint is taken")
    func singleFile() {
        let choice = ModelFileSelection.ltx.choose(from: ltx2)
        #expect(choice?.files == ["ltx-2-19b-dev.safetensors"])
        #expect(ModelFileSelection.ltx.choose(from: ["ltx-2.3-22b-dev.safetensors"]) != nil)
        #expect(ModelFileSelection.ltx.choose(from: ["ltx-2-19b-distilled.safetensors"]) == nil)
    }

    @Test("without it the diffusers folders are taken, if every shard is there")
    func folders() {
        let folders = ltx2.filter { !$0.hasPrefix("ltx-2") }
        let choice = ModelFileSelection.ltx.choose(from: folders)
        #expect(choice?.layout.name == "diffusers folders")
        #expect(choice?.files.contains("transformer/config.json") == true)
        #expect(choice?.files.contains { $0.hasPrefix("vocoder") } == false)
        let torn = folders.filter { !$0.contains("00002-of-00002") || $0.contains("index") }
        #expect(ModelFileSelection.ltx.choose(from: torn) == nil)
        #expect(
            ModelFileSelection.ltx.missing(in: torn)
                == ["transformer/diffusion_pytorch_model-00002-of-00002.safetensors"]
        )
    }

    @Test("the text encoder is found beside the model or on its own")
    func gemma() {
        let beside = ModelFileSelection.gemma.choose(from: ltx2)
        #expect(beside?.layout.name == "text encoder folders")
        #expect(
            beside?.files == [
                "text_encoder/config.json", "text_encoder/model-00001-of-00001.safetensors",
                "text_encoder/model.safetensors.index.json", "tokenizer/tokenizer.model",
                "tokenizer/tokenizer_config.json",
            ]
        )
        let alone = ["config.json", "model.safetensors", "tokenizer.model", "x/y.safetensors"]
        #expect(
            ModelFileSelection.gemma.choose(from: alone)?.files
                == ["config.json", "model.safetensors", "tokenizer.model"]
        )
    }

    @Test("the variables of huggingface_hub are understood")
    func environment() {
        let plain = HubEnvironment(["HOME": "/h"])
        #expect(plain.cache == "/h/.cache/huggingface/hub")
        #expect(plain.endpoint == "https://huggingface.co")
        #expect(plain.token == nil && plain.modelsPath == nil && !plain.isOffline)
        #expect(HubEnvironment(["HF_HOME": "/x"]).cache == "/x/hub")
        #expect(HubEnvironment(["XDG_CACHE_HOME": "/x"]).cache == "/x/huggingface/hub")
        #expect(HubEnvironment(["HF_HOME": "/x", "HF_HUB_CACHE": "/y"]).cache == "/y")
        #expect(HubEnvironment(["HF_ENDPOINT": "http://a/"]).endpoint == "http://a")
        #expect(!HubEnvironment(["HF_HUB_OFFLINE": "0"]).isOffline)
    }

    @Test("the token that a login saved is used when HF_TOKEN is not set")
    func savedToken() async throws {
        try await HubScene.run { scene in
            try scene.write("\(scene.home)/.cache/huggingface/token", Array("hf_saved\n".utf8))
            #expect(HubEnvironment(["HOME": scene.home]).token == "hf_saved")
            #expect(HubEnvironment(["HOME": scene.home, "HF_TOKEN": " a "]).token == "a")
        }
    }
}
