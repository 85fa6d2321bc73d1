/// The `model:` section: the model to train on, and how it is kept in memory.
public struct ModelSection: Sendable, Equatable {
    /// Key `name_or_path`: a file, a folder, `org/repo`, or `org/repo/path/file.safetensors`.
    public var nameOrPath = ""
    /// Key `arch`: version; `nil` is told from the checkpoint.
    public var arch: Architecture?
    /// Key `extras_name_or_path`: where VAEs, connectors and vocoder come from, if elsewhere.
    public var extrasNameOrPath: String?
    /// Key `te_name_or_path`: the text encoder, if elsewhere.
    public var teNameOrPath: String?
    /// Keys `quantize` and `qtype`: how the transformer is stored; `nil` is in `dtype`.
    public var quantize: Quantization?
    /// Keys `quantize_te` and `qtype_te`: how the text encoder is stored.
    public var quantizeTE: Quantization?
    /// Key `low_vram`: text encoder, VAEs and transformer are never in device memory together.
    public var lowVRAM = false
    /// Key `layer_offloading` (or `auto_memory`): keep blocks in host memory.
    public var layerOffloading = LayerOffloading.off
    /// Key `layer_offloading_transformer_percent`: share of the transformer's bytes, 0 to 1.
    public var layerOffloadingTransformerPercent = 1.0
    /// Key `layer_offloading_text_encoder_percent`: share of the text encoder's bytes, 0 to 1.
    public var layerOffloadingTextEncoderPercent = 1.0
    /// Key `dtype`, unless `train.dtype` is given: element type of weights and activations.
    public var dtype = ComputeDType.bf16
    /// Key `vae_dtype`: element type of the VAEs.
    public var vaeDType = ComputeDType.fp32
    /// Key `te_dtype`: element type of the text encoder; `nil` is `dtype`.
    public var teDType: ComputeDType?
    /// Key `model_kwargs` and `model_paths`: paths of single components by ai-toolkit's names.
    public var componentPaths: [String: String] = [:]
    /// Key `ignore_if_contains`: weights that a full fine-tune leaves alone.
    public var ignoreIfContains: [String]?
    /// Key `only_if_contains`: the only weights that a full fine-tune trains.
    public var onlyIfContains: [String]?
    /// Key `compile`: turn on every optimisation.
    public var compile = false

    /// The section's defaults; `nameOrPath` is empty.
    public init() {}

    init(from section: inout ConfigSection) {
        readIdentity(from: &section)
        readPaths(from: &section)
        readQuantization(from: &section)
        readMemory(from: &section)
        readTypes(from: &section)
        readChoice(from: &section)
        readUnused(from: &section)
        section.rejectUnknownKeys()
    }

    /// `train.dtype` wins over `model.dtype`.
    mutating func settle(trainDType: ComputeDType?) {
        if let trainDType { dtype = trainDType }
    }

    private mutating func readIdentity(from section: inout ConfigSection) {
        section.about(
            "The model: a safetensors file, a folder, org/repo, or org/repo/path/file.safetensors."
        )
        section.require(
            "name_or_path",
            into: &nameOrPath,
            .notEmpty,
            fix: "name a model, such as Lightricks/LTX-2"
        )
        section.about("Version of the model.")
        section.read(
            "arch",
            into: &arch,
            fix: "drop the key to tell it from the checkpoint",
            otherwise: "told from the checkpoint"
        )
        section.about("Where VAEs, connectors and vocoder come from.")
        section.read(
            "extras_name_or_path",
            into: &extrasNameOrPath,
            .notEmpty,
            otherwise: "name_or_path"
        )
        section.about("The text encoder: a safetensors file, a folder or a repository.")
        section.read(
            "te_name_or_path",
            into: &teNameOrPath,
            .notEmpty,
            otherwise: "the version's own"
        )
    }

    private mutating func readPaths(from section: inout ConfigSection) {
        for key in ["model_kwargs", "model_paths"] {
            section.about("Paths of single components.")
            guard var child = section.section(key) else { continue }
            for name in ["dit_path", "text_encoder_path", "video_vae_path", "audio_vae_path"] {
                var path: String?
                child.about("Path of one component, instead of the one beside the model.")
                child.read(name, into: &path, .notEmpty)
                if let path { componentPaths[name] = path }
            }
            child.rejectUnknownKeys()
        }
    }

    private mutating func readMemory(from section: inout ConfigSection) {
        section.about("Keep text encoder, VAEs and transformer in device memory only in turn.")
        section.read("low_vram", into: &lowVRAM)
        section.about("Older name of `layer_offloading`, which wins.")
        section.read("auto_memory", into: &layerOffloading)
        section.about(
            "Keep blocks in host memory and fetch each before it is used: true, false, or auto for what is needed."
        )
        section.read("layer_offloading", into: &layerOffloading, otherwise: "auto_memory")
        let share = Rule<Double>.within(0...1)
        section.about("Share of the transformer's bytes kept in host memory, from 0 to 1.")
        section.read(
            "layer_offloading_transformer_percent",
            into: &layerOffloadingTransformerPercent,
            share,
            fix: "write 0.56 for 56 %"
        )
        section.about("Share of the text encoder's bytes kept in host memory, from 0 to 1.")
        section.read(
            "layer_offloading_text_encoder_percent",
            into: &layerOffloadingTextEncoderPercent,
            share,
            fix: "write 0.56 for 56 %"
        )
    }

    private mutating func readTypes(from section: inout ConfigSection) {
        section.about("Element type of weights and activations; train.dtype wins.")
        section.read("dtype", into: &dtype)
        section.about("Element type of the VAEs.")
        section.read("vae_dtype", into: &vaeDType)
        section.about("Element type of the text encoder.")
        section.read("te_dtype", into: &teDType, otherwise: "dtype")
    }

    private mutating func readChoice(from section: inout ConfigSection) {
        section.about("Full fine-tune: weights with one of these in their name are left alone.")
        section.read("ignore_if_contains", into: &ignoreIfContains)
        section.about("Full fine-tune: only weights with one of these in their name are trained.")
        section.read("only_if_contains", into: &onlyIfContains, .notEmpty)
        section.about(
            "Turn on what costs memory for speed: blocks that are computed again keep the results of their parts."
        )
        section.read("compile", into: &compile)
    }

    private func readUnused(from section: inout ConfigSection) {
        section.ignore(
            [
                "block_compile": false, "compile_mode": "default", "compile_fullgraph": false,
                "compile_dynamic": true, "cache_size_limit": nil,
            ],
            because: "there is no Python to compile"
        )
        section.ignore(
            [
                "quantize_kwargs": [:], "latent_space_version": nil, "vae_device": nil,
                "te_device": nil,
            ],
            because: "it is told from the checkpoint and the device"
        )
        section.ignore(
            [
                "use_flux_cfg": false, "refiner_start_at": 0.5, "use_text_encoder_1": true,
                "use_text_encoder_2": true, "text_encoder_bits": 16,
                "split_model_other_module_param_count_scale": 0.3,
            ],
            because: "it belongs to other model families"
        )
        section.refuse(
            [
                "lora_path", "assistant_lora_path", "inference_lora_path",
                "unconditional_lora_path", "accuracy_recovery_adapter",
            ],
            because: "the base model is trained on as it is",
            fix:
                "merge the adapter into the checkpoint first, or start from it with network.pretrained_lora_path"
        )
        section.refuse(
            [
                "is_xl", "is_v2", "is_v3", "is_flux", "is_pixart", "is_auraflow", "is_lumina2",
                "is_ssd", "is_vega", "is_v_pred", "vae_path", "unet_path", "unet_sample_size",
                "refiner_name_or_path", "attn_masking", "split_model_over_gpus", "is_pixart_sigma",
                "experimental_xl", "in_context",
            ],
            because: "it belongs to other model families",
            fix: "remove the key; the versions here are ltx2, ltx2.3 and ltx2.5"
        )
    }
}
