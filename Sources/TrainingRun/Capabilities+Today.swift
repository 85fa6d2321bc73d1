public import RunConfig

extension Capabilities {
    /// What this version can do of what a run file can ask for, and what it does instead of the rest.
    public static let today = Capabilities(
        networkTypes: Set(NetworkType.allCases),
        // A learning rate for each element costs as much memory as AdamW's state and was not measured
        // to be better.
        optimizers: Set(OptimizerKind.allCases).subtracting([.automagic, .automagic2, .automagic3]),
        schedulers: Set(LRScheduler.allCases),
        timestepTypes: Set(TimestepType.allCases),
        lossTypes: [.mse, .mae, .pseudoHuber],
        quantizations: Set(QuantizationFormat.allCases),
        architectures: [.ltx2, .ltx23],
        features: [
            .adapterDropout, .modalitySettings, .diffOutputPreservation, .blankPromptPreservation,
            .voicePreservation, .lossBalance, .gradientBalance, .audioTimesteps, .strictAudio,
            .noiseOffset, .timestepChoice, .lossClamp, .heldOut, .regularisation, .networkWeight,
            .captionTokens, .randomCrops, .firstFrame, .differentialGuidance,
            .textEncoderTraining, .ema, .pretrainedAdapter, .fullDifferences, .layerOffloading,
            .lowVRAM, .fullFineTune, .sampling, .splitFiles, .mergeStatistics, .compile,
        ]
    )
}
