/// How directions are weighed where adapters are isolated.
public enum MergeWeighing: String, Sendable, CaseIterable, ConfigChoice {
    /// By how strongly the adapter answers to them.
    case energy
    /// All alike.
    case flat
}

/// What is kept apart where adapters are isolated.
public enum MergeSide: String, Sendable, CaseIterable, ConfigChoice {
    /// What adapters read.
    case input
    /// What adapters write.
    case output
    /// What they read, then what they write.
    case both
}

/// Over what loudness is compared where loud adapters are damped.
public enum MergeGranularity: String, Sendable, CaseIterable, ConfigChoice {
    /// Each input channel of a layer.
    case column
    /// Each layer.
    case module
    /// All layers of a part of the model together.
    case pathway
    /// All layers together.
    case file
}

/// Spelling of a file's names.
public enum MergeDialect: String, Sendable, CaseIterable, ConfigChoice {
    /// `diffusion_model.` and the checkpoint's own names.
    case comfyUI = "comfyui"
    /// `transformer.` and the names of diffusers.
    case diffusers
    /// `lora_unet_` and underscores.
    case kohya
    /// `base_model.model.` before the names.
    case peft
    /// `lycoris_` and underscores.
    case lycoris
    /// Nothing before the names.
    case plain
}
