public import RunConfig

extension Capabilities {
    /// What this version can do of what a run file can ask for, and what it does instead of the rest.
    public static let today = Capabilities(
        networkTypes: [.lora],
        optimizers: [.adamw],
        schedulers: [.constant, .constantWithWarmup, .linear, .cosine],
        timestepTypes: Set(TimestepType.allCases),
        lossTypes: [.mse, .mae, .pseudoHuber],
        quantizations: Set(QuantizationFormat.allCases),
        architectures: [.ltx2, .ltx23],
        features: [
            .adapterDropout, .modalitySettings, .diffOutputPreservation, .blankPromptPreservation,
            .voicePreservation, .lossBalance, .gradientBalance, .audioTimesteps, .strictAudio,
            .noiseOffset, .timestepChoice, .lossClamp, .heldOut, .regularisation, .networkWeight,
            .captionTokens, .randomCrops, .firstFrame, .differentialGuidance,
            .textEncoderTraining,
        ],
        substitutes: [
            "train.optimizer=adamw8bit":
                "adamw with float32 state is used: the same steps, more memory",
            "train.optimizer=adamw8":
                "adamw with float32 state is used: the same steps, more memory",
            "model.low_vram": "models are loaded one after another in any case",
            "model.layer_offloading": "the whole base model stays on the device",
            "model.compile": "nothing is compiled",
            "sample": "no previews are made; the losses before and after are measured instead",
        ]
    )
}
