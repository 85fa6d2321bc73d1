import Foundation
import RunConfig
import Testing

@Suite("Reading the text")
struct YAMLTests {
    private func fault(_ text: String, environment: [String: String] = [:]) -> String? {
        do {
            _ = try RunFile.parse(text: text, fileName: "job.yaml", environment: environment)
            return nil
        } catch {
            return error.description
        }
    }

    @Test(
        "an empty file, or one of comments, is said to be empty",
        arguments: ["", "\n\n", "# a\n", "~\n", "---\n...\n"]
    )
    func empty(text: String) {
        #expect(fault(text) == "job.yaml:1: the file is empty; begin with \"job: extension\"")
    }

    @Test(
        "a file that is not a mapping",
        arguments: [("- a", "a list"), ("word", "\"word\""), ("12", "12")]
    )
    func notMapping(text: String, shown: String) {
        #expect(
            fault(text)
                == "job.yaml:1: got \(shown), expected a mapping with job and config; begin with \"job: extension\""
        )
    }

    @Test("a key that is given twice names both lines")
    func duplicateKey() {
        var file = RunFileText()
        file.train = ["lr: 1e-4", "steps: 5", "lr: 1e-5"]
        #expect(
            fault(file.text)
                == "job.yaml:11: key \"lr\" is given twice in one section, again in line 13; keep one"
        )
    }

    @Test("a tab in the indentation names its line")
    func tab() {
        let text = "job: extension\nconfig:\n\tname: a\n"
        #expect(
            fault(text)
                == "job.yaml:3: a tab in the indentation, expected spaces; replace each tab by two spaces"
        )
    }

    @Test("a wrong indentation names its line")
    func indentation() {
        let text = "job: extension\nconfig:\n    name: a\n  process: []\n"
        let message = fault(text)
        #expect(message?.hasPrefix("job.yaml:4: not valid YAML: ") == true, "\(message ?? "")")
        #expect(
            message?.hasSuffix(
                "; check the indentation, colons and quotes of this line and the one before"
            ) == true
        )
    }

    @Test(
        "control characters and open quotes are faults",
        arguments: ["job: \u{1}", "job: \"a", "job: [a", "job: *a", "a: b: c", "? [a]\n: b"]
    )
    func broken(text: String) {
        #expect(fault(text) != nil)
    }

    @Test("very deep nesting and exploding aliases are faults, not crashes")
    func hostile() {
        #expect(fault(String(repeating: "[", count: 200_000)) != nil)
        #expect(fault(String(repeating: "- ", count: 200_000)) != nil)
        var text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        for level in 1..<12 {
            let alias = "*a\(level - 1)"
            text +=
                "a\(level): &a\(level) [\(Array(repeating: alias, count: 10).joined(separator: ", "))]\n"
        }
        #expect(
            fault(text)?.contains(
                "more than 100000 values after aliases are followed; write the values out"
            ) == true
        )
    }

    @Test(
        "YAML 1.1's words for truth",
        arguments: [
            ("yes", true), ("On", true), ("TRUE", true), ("\"true\"", true), ("no", false),
            ("OFF", false), ("False", false),
        ]
    )
    func truth(word: String, value: Bool) throws {
        var file = RunFileText()
        file.train = ["gradient_checkpointing: \(word)"]
        #expect(try file.parse().train.gradientCheckpointing.interval == (value ? 1 : 0))
    }

    @Test(
        "numbers as people write them",
        arguments: [
            ("1e-4", 0.0001), ("1E-4", 0.0001), ("\"1e-4\"", 0.0001), (".5", 0.5), ("1", 1),
            ("0.000_1", 0.0001), ("+1e-1", 0.1),
        ]
    )
    func numbers(text: String, value: Double) throws {
        var file = RunFileText()
        file.train = ["lr: \(text)"]
        #expect(try file.parse().train.lr == value)
    }

    @Test(
        "whole numbers may be written as floats",
        arguments: [("3000.0", 3000), ("1e3", 1000), ("1_000", 1000)]
    )
    func wholeNumbers(text: String, value: Int) throws {
        var file = RunFileText()
        file.train = ["steps: \(text)"]
        #expect(try file.parse().train.steps == value)
    }

    /// Recorded with PyYAML 6.0.3: the safe loader with ai-toolkit's resolver for floats.
    ///
    /// `-.5` is left out: its resolver takes it for text, ours for a number.
    @Test("plain and quoted scalars read as in ai-toolkit")
    func scalars() throws {
        let data = try Data(contentsOf: URL(filePath: Fixture.path("yaml-scalars.json")))
        let recorded = try JSONDecoder().decode([String: ConfigValue].self, from: data)
        #expect(recorded.count > 50)
        for (text, value) in recorded {
            var file = RunFileText()
            file.top = "job: extension\nmeta:\n  value: \(text)"
            #expect(try file.parse().meta["value"] == value, "\(text)")
        }
    }

    @Test("null is an absent key", arguments: ["null", "~", ""])
    func null(text: String) throws {
        var file = RunFileText()
        file.train = ["lr: \(text)", "steps: 5"]
        #expect(try file.parse().train.lr == 1e-6)
    }

    @Test("anchors and merged mappings are followed, own keys first")
    func anchors() throws {
        var file = RunFileText()
        file.top = "job: extension\nmeta:\n  base: &base {steps: 3, lr: 0.5}"
        file.train = ["<<: *base", "lr: 0.25"]
        let run = try file.parse()
        #expect(run.train.steps == 3 && run.train.lr == 0.25)
    }

    @Test("environment variables are put in, and the original text is kept")
    func environment() throws {
        var file = RunFileText()
        file.dataset = ["folder_path: ${CLIPS}/a"]
        let run = try file.parse(environment: ["CLIPS": "/data"])
        #expect(run.datasets.first?.folderPath == "/data/a")
        #expect(run.originalText.contains("${CLIPS}/a"))
    }

    @Test("each environment variable that is not set is named with its line, in comments too")
    func unsetEnvironment() {
        var file = RunFileText()
        file.train = ["steps: 5 # ${ONE}"]
        file.model = ["name_or_path: ${TWO}"]
        #expect(
            fault(file.text, environment: ["TWO": "a\nb"]) == """
                job.yaml:11: environment variable ONE is not set; export ONE=… or write the value in the file
                job.yaml:13: environment variable TWO has several lines, expected one; set it to a single line
                job.yaml:13: model.name_or_path: missing, expected text that is not empty; name a model, such as Lightricks/LTX-2
                """
        )
    }

    @Test("[name] becomes the run's name, also one that was given instead")
    func nameTag() throws {
        var file = RunFileText()
        file.name = "\"hero\""
        file.process = ["type: sd_trainer", "training_folder: \"out/[name]\""]
        #expect(try file.parse().trainingFolder == "out/hero")
        let run = try RunFile.parse(text: file.text, fileName: "job.yaml", name: "other")
        #expect(run.name == "other" && run.trainingFolder == "out/other")
    }

    @Test("Windows line ends keep their line numbers")
    func windowsLineEnds() {
        var file = RunFileText()
        file.train = ["steps: x"]
        let text = file.text.replacing("\n", with: "\r\n")
        #expect(fault(text)?.hasPrefix("job.yaml:11: train.steps: ") == true)
    }

    @Test("JSON is read as well")
    func json() throws {
        let text = """
            {"job": "extension",
             "config": {"name": "a \\u00e9 \\ud83d\\ude00", "process": [{"type": "sd_trainer",
            \t"training_folder": "o\\/p", "datasets": [{"folder_path": "c"}], "model": {"name_or_path": "m"},
               "train": {"lr": 1e-4, "steps": 5}}]}}
            """
        let path = FileManager.default.temporaryDirectory.appending(path: "job-\(UUID()).json")
        try text.write(to: path, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: path) }
        let run = try RunFile.load(path: path.path, environment: [:])
        #expect(run.name == "a é 😀" && run.trainingFolder == "o/p")
        #expect(run.train.lr == 0.0001 && run.network == nil)
    }

    @Test("a file that is not there, not text, or not a run file by its name")
    func unreadable() throws {
        let folder = FileManager.default.temporaryDirectory
        let bytes = folder.appending(path: "bytes-\(UUID()).yaml")
        try Data([0xff, 0xfe, 0x00, 0xc3]).write(to: bytes)
        defer { try? FileManager.default.removeItem(at: bytes) }
        let cases = [
            (
                "nothing-here.yaml",
                "nothing-here.yaml:1: cannot be read; check that the file exists and may be read"
            ),
            (
                "job.txt",
                "job.txt:1: not a run file by its name, expected .yaml, .yml or .json; rename it"
            ),
            (bytes.path, "\(bytes.path):1: not text in UTF-8; save the file as UTF-8"),
        ]
        for (path, message) in cases {
            let error = #expect(throws: ConfigError.self) {
                try RunFile.load(path: path, environment: [:])
            }
            #expect(error?.description == message)
        }
    }

    @Test("a merge job is sent to its command")
    func mergeJob() {
        var file = RunFileText()
        file.top = "job: MergeJob"
        #expect(
            fault(file.text)
                == "job.yaml:1: job: got \"MergeJob\", expected one of extension, train; write \"job: extension\"; merging has its own command, likeness lora merge"
        )
    }

    @Test("several processes are read in their order, and messages name them")
    func processes() throws {
        let entry = """
                - type: sd_trainer
                  training_folder: out
                  model: {name_or_path: m}
                  datasets: [{folder_path: a}]
                  train: {steps: 3}

            """
        let head = "job: extension\nconfig:\n  name: a\n  process:\n"
        let run = try RunFile.parse(
            text: head + entry + entry.replacing("steps: 3", with: "steps: 4"),
            fileName: "job.yaml"
        )
        #expect(run.processes.map(\.train.steps) == [3, 4] && run.train.steps == 3)
        let message = fault(head + entry + entry.replacing("steps: 3", with: "steps: 0"))
        #expect(message?.hasPrefix("job.yaml:14: process[1].train.steps: got 0, ") == true)
    }
}
