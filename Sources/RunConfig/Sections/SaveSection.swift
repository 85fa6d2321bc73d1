/// The `save:` section: when and how checkpoints are written.
public struct SaveSection: Sendable, Equatable {
    /// Key `save_every`: completed steps between checkpoints.
    public var saveEvery = 1000
    /// Key `dtype`: element type of the file.
    public var dtype = SaveDType.bf16
    /// Key `max_step_saves_to_keep`: newest checkpoints that stay; 0 keeps all.
    public var maxStepSavesToKeep = 5
    /// Key `save_format`: the same file either way.
    public var saveFormat = SaveFormat.safetensors
    /// Key `split`: also write face, voice and joint files.
    public var split = false
    /// Key `merge_statistics`: also write what the layers read, for merges.
    public var mergeStatistics = false

    /// The section's defaults.
    public init() {}

    init(from section: inout ConfigSection) {
        section.about("Completed steps between two checkpoints.")
        section.read("save_every", into: &saveEvery, .within(1...1_000_000_000), fix: "use 250")
        section.about("Element type of the adapter file.")
        section.read("dtype", into: &dtype)
        section.about(
            "How many of the newest checkpoints stay; 0 keeps all. The final file is not counted."
        )
        section.read("max_step_saves_to_keep", into: &maxStepSavesToKeep, .within(0...1_000_000))
        section.about("Layout of the file; an adapter is one safetensors file either way.")
        section.read("save_format", into: &saveFormat)
        section.about("Also write the adapter as separate face, voice and joint files.")
        section.read("split", into: &split)
        section.about(
            "At the end also write what the adapter's layers read, for `likeness lora merge --mode calibrated` "
                + "with any other; about 0.5 GB for LTX-2."
        )
        section.read("merge_statistics", into: &mergeStatistics)
        section.ignore(
            ["push_to_hub": false, "hf_repo_id": nil, "hf_private": false],
            because: "nothing is uploaded",
            severity: .warning
        )
        if dtype == .fp16, section.has("dtype") {
            section.warn("dtype", "fp16 overflows above 65504", fix: "use bf16 for LTX-2")
        }
        section.rejectUnknownKeys()
    }
}

/// The `logging:` section: what is printed and recorded.
public struct LoggingSection: Sendable, Equatable {
    /// Key `log_every`: steps between printed lines.
    public var logEvery = 100
    /// Key `verbose`: more words on the console.
    public var verbose = false

    /// The section's defaults.
    public init() {}

    init(from section: inout ConfigSection) {
        section.about("Steps between two printed lines.")
        section.read("log_every", into: &logEvery, .within(1...1_000_000_000))
        section.about("More words on the console.")
        section.read("verbose", into: &verbose)
        section.ignore(
            ["use_ui_logger": false],
            because: "metrics.jsonl in the run's folder holds every step"
        )
        section.ignore(
            ["use_wandb": false, "project_name": "ai-toolkit", "run_name": nil],
            because: "there is no connection to Weights & Biases",
            severity: .warning
        )
        section.rejectUnknownKeys()
    }
}
