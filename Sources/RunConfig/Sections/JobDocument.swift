/// What a run file is for; ai-toolkit has more kinds.
private enum JobKind: String, CaseIterable, ConfigChoice {
    case `extension`
    case train
}

/// The top of a run file: what job, under which name, with which processes.
struct JobDocument {
    var name = ""
    var meta: [String: ConfigValue] = [:]
    var processes: [ProcessSection] = []

    /// Reads the whole tree; `override` stands in for `config.name`.
    init(from section: inout ConfigSection, name override: String?) {
        readJob(from: &section)
        section.about("Free values that are copied into the metadata of checkpoints.")
        section.read("meta", into: &meta)
        section.about("What is to be done.")
        if var config = section.section("config", isRequired: true) {
            readConfig(from: &config, name: override)
        }
        meta = meta.mapValues { replacingName(in: $0) }
        section.rejectUnknownKeys()
    }

    private func readJob(from section: inout ConfigSection) {
        var job = JobKind.extension
        section.about("Kind of job; training is `extension`, or `train` by its older name.")
        section.require(
            "job",
            into: &job,
            fix: "write \"job: extension\"; merging has its own command, likeness lora merge"
        )
    }

    private mutating func readConfig(from config: inout ConfigSection, name override: String?) {
        config.about("Name of the run: its folder and the stem of its files.")
        config.require(
            "name",
            into: &name,
            .that("without slashes that is not empty") { Self.isFileName($0) },
            fix: "choose a name that can be a folder's, such as my_character"
        )
        if let override { name = override }
        config.about("The trainers that run one after another; nearly always one.")
        config.replace("[name]", with: name)
        let list = config.sections("process", isRequired: true)
        if list.isEmpty, config.isEmptyList("process") {
            config.error(
                "process",
                "got an empty list, expected a process",
                fix: "add \"- type: sd_trainer\""
            )
        }
        for (index, entry) in list.enumerated() {
            var process = entry.renamed(list.count > 1 ? "process[\(index)]" : "")
            processes.append(ProcessSection(from: &process))
        }
        config.rejectUnknownKeys()
    }

    private static func isFileName(_ name: String) -> Bool {
        !name.isEmpty && name != "." && name != ".." && !name.contains { $0 == "/" || $0 == "\0" }
    }

    private func replacingName(in value: ConfigValue) -> ConfigValue {
        switch value {
        case .text(let text): .text(text.replacing("[name]", with: name))
        case .list(let values): .list(values.map(replacingName))
        case .mapping(let values): .mapping(values.mapValues(replacingName))
        default: value
        }
    }
}
