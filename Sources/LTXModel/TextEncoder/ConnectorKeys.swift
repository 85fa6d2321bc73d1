extension TextConnectors {
    /// Names under which ComfyUI looks for what is trained on a connector's layer.
    ///
    /// ComfyUI runs the connectors of LTX-2.3 and later inside the diffusion model. Those of LTX-2.0 it runs
    /// inside the text encoder, if that is loaded with the whole checkpoint, else inside the diffusion model;
    /// never in both, so a file may hold both names.
    ///
    /// - Parameters:
    ///   - path: the layer's name, such as `video_embeddings_connector.transformer_1d_blocks.0.attn1.to_q`.
    ///   - version: of the model.
    /// - Returns: complete names without the ending; the first is in files of all versions.
    /// - Source: ComfyUI's `LTXAVModel.preprocess_text_embeds`, `LTXAVTEModel.load_sd`,
    ///   `model_lora_keys_unet` and `model_lora_keys_clip` (since pull request 12569).
    public static func adapterNames(of path: String, in version: ModelVersion) -> [String] {
        let prefixes =
            version == .ltx20 ? ["diffusion_model.", "text_encoders."] : ["diffusion_model."]
        return prefixes.map { $0 + path }
    }
}
