/// Steps, batches, memory, previews, the text encoder.
extension TrainSection {
    mutating func readCourse(from section: inout ConfigSection) {
        section.about("Optimizer steps in total; the steps of a resumed run count.")
        section.read("steps", into: &steps, .within(1...100_000_000), fix: "use 2000 to 4000")
        section.about("Items per micro-batch.")
        section.read("batch_size", into: &batchSize, .within(1...1024), fix: "use 1")
        readAccumulation(from: &section)
        section.about("Run the items of a batch one by one.")
        section.read("single_item_batching", into: &singleItemBatching)
        section.about("Element type of the base model and its activations; adapters stay float32.")
        section.read("dtype", into: &dtype, otherwise: "model.dtype, else bf16")
        section.about(
            "Compute activations again in the backward pass instead of keeping them: true, false, or n for every n-th block."
        )
        section.read("gradient_checkpointing", into: &gradientCheckpointing)
        section.about("Step to go on from, instead of the checkpoint's own.")
        section.read("start_step", into: &startStep, .within(0...100_000_000))
        if let start = startStep, start >= steps {
            section.error(
                "start_step",
                "got \(start), expected less than steps, \(steps)",
                fix: "raise steps"
            )
        }
        readPreviews(from: &section)
        readTextEncoder(from: &section)
        section.about("Running mean of the weights, which is then what is saved.")
        if var child = section.section("ema_config") { emaConfig = EMASection(from: &child) }
        readHeldOut(from: &section)
    }

    private mutating func readHeldOut(from section: inout ConfigSection) {
        section.about("Clips that are measured and never trained on: a share, or their names.")
        section.read("held_out", into: &heldOut, .that("above 0 and below 1") { $0.isUsable })
        var share: Double?
        section.about("Share of the clips that is measured and never trained on.")
        section.read(
            "validation_split",
            into: &share,
            .that("above 0 and below 1") { 0 < $0 && $0 < 1 },
            fix: "use 0.1"
        )
        var folder: String?
        section.about("Folder of clips that are measured and never trained on.")
        section.read("validation_folder", into: &folder, .notEmpty)
        let given = ["held_out", "validation_split", "validation_folder"].filter(section.has)
        if given.count > 1 {
            section.error(
                given[1],
                "says what is held out, beside \(given[0])",
                fix: "keep one of them"
            )
        }
        heldOut = heldOut ?? share.map(HeldOut.ratio) ?? folder.map(HeldOut.folder)
        section.about("Steps between two measurements of the held-out clips.")
        section.read("held_out_every", into: &heldOutEvery, .within(1...1_000_000_000))
        section.about("Keep the adapters that were best on held-out clips, by face and by voice.")
        section.read("keep_best", into: &keepBest)
        for key in ["held_out_every", "keep_best"] where heldOut == nil && section.has(key) {
            section.note(
                key,
                "has no effect, as no clips are held out",
                fix: "set validation_split: 0.1 to hold out a tenth"
            )
        }
    }

    private mutating func readAccumulation(from section: inout ConfigSection) {
        section.about("Micro-batches per optimizer step; their gradients are averaged.")
        section.read("gradient_accumulation", into: &gradientAccumulation, .within(1...100_000))
        var legacy = 1
        section.about("Older name of `gradient_accumulation`.")
        section.read("gradient_accumulation_steps", into: &legacy, .within(1...100_000))
        if legacy > 1, gradientAccumulation > 1 {
            section.error(
                "gradient_accumulation_steps",
                "above 1 beside gradient_accumulation above 1",
                fix: "keep gradient_accumulation alone"
            )
        }
        gradientAccumulation = max(gradientAccumulation, legacy)
    }

    private mutating func readPreviews(from section: inout ConfigSection) {
        section.about("No preview before the first step.")
        section.read("skip_first_sample", into: &skipFirstSample)
        section.about("A preview before the first step even of a resumed run.")
        section.read("force_first_sample", into: &forceFirstSample)
        section.about("No previews at all.")
        section.read("disable_sampling", into: &disableSampling)
    }

    private mutating func readTextEncoder(from section: inout ConfigSection) {
        section.about("Train the connectors between text encoder and transformer.")
        section.read("train_text_encoder", into: &trainTextEncoder)
        section.about(
            "Encode the trigger word once and drop the encoder: every caption is ignored."
        )
        section.read("unload_text_encoder", into: &unloadTextEncoder)
        if unloadTextEncoder {
            section.warn(
                "unload_text_encoder",
                "every caption is ignored: only the trigger word is encoded",
                fix: "use cache_text_embeddings: true to free the memory and keep the captions"
            )
        }
        section.about("Encode every caption once, keep the result on disk, and drop the encoder.")
        section.read("cache_text_embeddings", into: &cacheTextEmbeddings)
        section.about("Caption dropout of every dataset that has none of its own.")
        section.read("caption_dropout_rate", into: &captionDropoutRate, .within(0...1))
    }
}

/// The `ema_config:` section: a running mean of the trained weights.
public struct EMASection: Sendable, Equatable {
    /// Key `use_ema`: whether there is one.
    public var useEMA = false
    /// Key `ema_decay`: share of the mean that stays in a step.
    public var emaDecay = 0.999
    /// Key `use_feedback`: pull the weights to their mean.
    public var useFeedback = false
    /// Key `param_multiplier`: scales the weights at each update.
    public var paramMultiplier = 1.0

    /// The section's defaults.
    public init() {}

    init(from section: inout ConfigSection) {
        section.about("Keep a running mean of the weights, and save and sample that.")
        section.read("use_ema", into: &useEMA)
        section.about("Share of the mean that stays in one step.")
        section.read("ema_decay", into: &emaDecay, .within(0..<1), fix: "use 0.99 or 0.999")
        section.about("Pull the weights towards their mean.")
        section.read("use_feedback", into: &useFeedback)
        section.about("Scales the weights at each update of the mean.")
        section.read("param_multiplier", into: &paramMultiplier, .above(0))
        section.rejectUnknownKeys()
    }
}

/// Which clips are measured and never trained on.
public enum HeldOut: Sendable, Equatable {
    /// A share of all clips, above 0 and below 1.
    case ratio(Double)
    /// File names or paths.
    case clips([String])
    /// All clips of a folder of their own.
    case folder(String)
}

extension HeldOut: ConfigReadable {
    static let noun = "a list of clips or a number"
    static let plural = noun
    static let schemaType = "number or list of string"

    init?(_ node: ConfigNode) {
        if let ratio = Double(node) {
            self = .ratio(ratio)
        } else if let clips = [String](node) {
            self = .clips(clips)
        } else {
            return nil
        }
    }

    var isUsable: Bool {
        if case .ratio(let ratio) = self { 0 < ratio && ratio < 1 } else { true }
    }

    var configValue: ConfigValue {
        switch self {
        case .ratio(let ratio): .number(ratio)
        case .clips(let clips): clips.configValue
        case .folder(let path): path.configValue
        }
    }
}
