/// One training process of a run file.
public struct ProcessSection: Sendable, Equatable {
    /// Key `type`: the trainer's name; all that are accepted mean the same.
    public var type = ProcessType.sdTrainer
    /// Key `name`: a name for this process alone.
    public var name: String?
    /// Key `training_folder`: the run's folder is made in it.
    public var trainingFolder = ""
    /// Key `device`: `auto`, `cpu`, `cuda`, `cuda:1`, `mps`.
    public var device = "auto"
    /// Key `preset`: what the run is for.
    public var preset: TrainingPreset?
    /// Key `trigger_word`: the word that stands for the character.
    public var triggerWord: String?
    /// Key `training_seed`: start of every random draw; `nil` draws one.
    public var trainingSeed: Int?
    /// Section `network`; `nil` trains the transformer itself.
    public var network: NetworkSection?
    /// Section `save`.
    public var save = SaveSection()
    /// Section `datasets`; at least one.
    public var datasets: [DatasetSection] = []
    /// Section `train`.
    public var train = TrainSection()
    /// Section `model`.
    public var model = ModelSection()
    /// Section `sample`; `nil` makes no previews.
    public var sample: SampleSection?
    /// Section `first_sample`: stands in for `sample` before the first step.
    public var firstSample: SampleSection?
    /// Section `logging`.
    public var logging = LoggingSection()

    init(from section: inout ConfigSection) {
        readIdentity(from: &section)
        section.report.preset = preset.map { AppliedPreset($0, in: section) }
        defer { section.report.preset = nil }
        readUnused(from: &section)
        section.about("The adapter; without this section the whole transformer is trained.")
        if var child = section.section("network") { network = NetworkSection(from: &child) }
        section.about("When and how checkpoints are written.")
        if var child = section.section("save") { save = SaveSection(from: &child) }
        section.about("The model to train on.")
        if var child = section.section("model", isRequired: true) {
            model = ModelSection(from: &child)
        }
        section.about("How to train.")
        if var child = section.section("train") {
            train = TrainSection(from: &child)
            model.settle(trainDType: child.has("dtype") ? train.dtype : nil)
        }
        train.dtype = model.dtype
        readDatasets(from: &section)
        readSamples(from: &section)
        section.about("What is printed and recorded.")
        if var child = section.section("logging") { logging = LoggingSection(from: &child) }
        checkTogether(section)
        section.rejectUnknownKeys()
    }

    private mutating func readIdentity(from section: inout ConfigSection) {
        section.about("The trainer; every accepted name means the same one.")
        section.require("type", into: &type, fix: "write \"type: sd_trainer\"")
        section.about("A name for this process alone; rarely used.")
        section.read("name", into: &name, .notEmpty)
        section.about("Folder in which the run's own folder is made.")
        section.require(
            "training_folder",
            into: &trainingFolder,
            .notEmpty,
            fix: "say where the run may write, such as output"
        )
        section.about("Where to compute: auto, cpu, cuda, cuda:1 or mps.")
        section.read(
            "device",
            into: &device,
            .that("such as cuda, cuda:0, cpu or mps") { Self.isDevice($0) }
        )
        section.about("What the run is for; sets keys that the file does not give.")
        section.read("preset", into: &preset)
        section.about("The word that stands for the character in captions.")
        section.read("trigger_word", into: &triggerWord)
        if triggerWord?.isEmpty == true { triggerWord = nil }
        section.about("Start of every random draw; without it each run draws its own.")
        section.read("training_seed", into: &trainingSeed, .within(0...Int(UInt32.max)))
    }

    private func readUnused(from section: inout ConfigSection) {
        section.ignore(
            ["performance_log_every": 0, "torch_profiler": false],
            because: "times are part of every line of metrics.jsonl"
        )
        section.ignore(["log_dir": nil], because: "metrics go to metrics.jsonl in the run's folder")
        section.ignore(
            ["sqlite_db_path": "./aitk_db.db"],
            because: "there is no ai-toolkit database"
        )
        section.ignore(
            ["lorm_extract_mode": "ratio", "lorm_extract_mode_param": 0.25],
            because: "it belongs to other model families"
        )
        section.refuse(
            [
                "embedding", "adapter", "decorator", "guidance", "slider", "do_lorm",
            ],
            because: "it belongs to other model families",
            fix: "remove the key"
        )
    }

    private mutating func readDatasets(from section: inout ConfigSection) {
        section.about("The clips and images to train on.")
        let defaults = DatasetDefaults(trigger: triggerWord, train: train)
        for var child in section.sections("datasets", isRequired: true) {
            datasets.append(DatasetSection(from: &child, defaults: defaults))
        }
        if section.isEmptyList("datasets") {
            section.error(
                "datasets",
                "got an empty list, expected a dataset",
                fix: "add \"- folder_path: …\""
            )
        }
    }

    private mutating func readSamples(from section: inout ConfigSection) {
        let rate = datasets.first(where: \.isVideo)?.fps
        section.about("Previews while training.")
        if var child = section.section("sample") {
            sample = SampleSection(from: &child, videoRate: rate)
        }
        section.about("Stands in for `sample` before the first step.")
        if var child = section.section("first_sample") {
            firstSample = SampleSection(from: &child, videoRate: rate)
        }
    }

    private static func isDevice(_ text: String) -> Bool {
        text.wholeMatch(of: #/auto|cpu|mps|cuda(:[0-9]{1,3})?/#) != nil
    }
}
