import Foundation
import RunConfig
import Testing

@Suite("Changing one key in a run file's text")
struct RunFileEditorTests {
    static let text = """
        # The character's face.
        job: extension
        config:
          name: "mia"   # a folder's name
          process:
            - type: sd_trainer
              training_folder: output
              network:
                type: lora                   # or dora
                linear: 32

                # Rates of rank dropout.
                rank_dropout: 0.1
              datasets:
                # Long clips.
                - folder_path: "/clips/long"
                  resolution: [512, 768]  # two buckets
                  fps: 24
                # Short clips.
                - folder_path: /clips/short
                  resolution:
                    - 512
                    - 768
              train:
                steps: 3000
                lr: 1e-4
                # End of the section.
              sample:
                prompts:
                  - "a woman, speaking"
                neg: |
                  blurry
                  # no comment
        """ + "\n"

    /// The lines of the new text that the old one lacks, and the other way round.
    private func difference(
        _ path: String,
        _ value: ConfigValue?,
        in text: String = Self.text
    ) throws -> [String] {
        let edit = try RunFileEditor.edit(path, to: value, in: text)
        #expect(edit.rewritten == nil)
        let lines = [text, edit.text].map { $0.components(separatedBy: "\n") }
        return lines[1].difference(from: lines[0]).map { change in
            switch change {
            case .insert(_, let line, _): "+" + line
            case .remove(_, let line, _): "-" + line
            }
        }
    }

    @Test("a number is replaced, and the rest of its line stays")
    func replaceNumber() throws {
        #expect(try difference("train.lr", 5e-5) == ["-        lr: 1e-4", "+        lr: 5e-05"])
        #expect(
            try difference("network.type", "dora") == [
                "-        type: lora                   # or dora",
                "+        type: dora                   # or dora",
            ]
        )
        #expect(
            try difference("config.name", "eva") == [
                "-  name: \"mia\"   # a folder's name", "+  name: \"eva\"   # a folder's name",
            ]
        )
    }

    @Test(
        "texts that would read as something else get quotes",
        arguments: [
            ("yes", "\"yes\""), ("12", "\"12\""), ("", "\"\""), ("a: b", "\"a: b\""),
            ("- a", "\"- a\""),
            ("a #b", "\"a #b\""), ("[name]", "\"[name]\""), ("a\nb", "\"a\\nb\""), ("y", "\"y\""),
            ("say \"hi\"", "\"say \\\"hi\\\"\""), ("null", "\"null\""), ("été", "\"été\""),
            ("cuda:0", "cuda:0"), ("a b", "a b"), ("2001-01-01", "\"2001-01-01\""),
            (".inf", "\".inf\""),
            ("/clips/a b", "/clips/a b"), ("a'b", "\"a'b\""), ("*x", "\"*x\""), ("1e5", "\"1e5\""),
        ]
    )
    func quotes(text: String, written: String) throws {
        let lines = try difference("training_folder", .text(text))
        #expect(lines.last == "+      training_folder: \(written)")
    }

    @Test("lists stay in the form that they have")
    func lists() throws {
        #expect(
            try difference("datasets[0].resolution", [256]) == [
                "-          resolution: [512, 768]  # two buckets",
                "+          resolution: [256]  # two buckets",
            ]
        )
        #expect(
            try difference("datasets[1].resolution", [512, 1024]) == [
                "-            - 768", "+            - 1024",
            ]
        )
        #expect(
            try difference("datasets[1].resolution[0]", 256) == [
                "-            - 512", "+            - 256",
            ]
        )
    }

    @Test("a missing key goes behind its siblings, before the comment that ends the section")
    func insertKey() throws {
        #expect(try difference("train.batch_size", 2) == ["+        batch_size: 2"])
        let edit = try RunFileEditor.edit("train.batch_size", to: 2, in: Self.text)
        #expect(
            edit.text.contains("lr: 1e-4\n        batch_size: 2\n        # End of the section.\n")
        )
        #expect(try difference("datasets[0].num_frames", 81) == ["+          num_frames: 81"])
        #expect(try difference("trigger_word", "ohwx") == ["+      trigger_word: ohwx"])
    }

    @Test("missing sections come with the key")
    func insertSections() throws {
        #expect(try difference("save.dtype", "bf16") == ["+      save:", "+        dtype: bf16"])
        #expect(
            try difference("sample.samples[0].prompt", "a man") == [
                "+        samples:", "+          - prompt: a man",
            ]
        )
        #expect(
            try difference("datasets[2].folder_path", "/c") == ["+        - folder_path: /c"]
        )
        #expect(try difference("meta", ["b": 1, "a": "x"]) == ["+meta:", "+  a: x", "+  b: 1"])
    }

    @Test("a key is removed with all that is below it, and a section with its last key")
    func remove() throws {
        #expect(try difference("train.lr", nil) == ["-        lr: 1e-4"])
        let prompts = ["-        prompts:", "-          - \"a woman, speaking\""]
        #expect(try difference("sample.prompts", nil).sorted() == prompts.sorted())
        #expect(try difference("network", nil).count == 6)
        #expect(try difference("unknown.key", nil) == [])
        let small =
            "train:\n  lr: 1\n# end\nconfig:\n  process:\n    - train:\n        lr: 2\n      type: a\n"
        #expect(
            try RunFileEditor.edit("train.lr", to: nil, in: small).text
                == "train:\n  lr: 1\n# end\nconfig:\n  process:\n    - type: a\n"
        )
    }

    @Test("the first key behind a dash gives the dash to the next one")
    func removeBehindDash() throws {
        let edit = try RunFileEditor.edit("datasets[0].folder_path", to: nil, in: Self.text)
        #expect(
            edit.text.contains(
                "        - resolution: [512, 768]  # two buckets\n          fps: 24\n"
            )
        )
        #expect(edit.lostComments == [])
        #expect(
            try RunFileEditor.edit("datasets[0]", to: nil, in: Self.text).text.contains(
                "# Long clips.\n        # Short clips.\n        - folder_path: /clips/short"
            )
        )
    }

    @Test("texts of several lines and brackets over several lines are replaced whole")
    func severalLines() throws {
        #expect(
            try difference("sample.neg", "dark").sorted() == [
                "+        neg: dark", "-          # no comment", "-          blurry",
                "-        neg: |",
            ]
        )
        let text =
            "job: a\nmeta:\n  a: [\n    1, # one\n    2\n  ]\n  b: 'it''s\n    long'\n  c: x\n"
        #expect(
            try RunFileEditor.edit("meta.a", to: [3], in: text).text
                == "job: a\nmeta:\n  a: [3]\n  b: 'it''s\n    long'\n  c: x\n"
        )
        #expect(try RunFileEditor.edit("meta.a", to: [3], in: text).lostComments == ["# one"])
        #expect(
            try RunFileEditor.edit("meta.b", to: "short", in: text).text
                == "job: a\nmeta:\n  a: [\n    1, # one\n    2\n  ]\n  b: 'short'\n  c: x\n"
        )
    }

    @Test("line breaks of Windows stay, as does a last line without one")
    func lineBreaks() throws {
        let text = "job: a\r\nmeta:\r\n  b: 1 # one\r\n  c: 2"
        #expect(
            try RunFileEditor.edit("meta.b", to: 3, in: text).text
                == "job: a\r\nmeta:\r\n  b: 3 # one\r\n  c: 2"
        )
        #expect(
            try RunFileEditor.edit("meta.d", to: 3, in: text).text
                == "job: a\r\nmeta:\r\n  b: 1 # one\r\n  c: 2\r\n  d: 3\r\n"
        )
    }

    @Test("an empty section is filled, an empty value is set")
    func emptyValues() throws {
        let text = "job:\nmeta:  # free\nconfig: {}\n"
        #expect(
            try RunFileEditor.edit("meta.a", to: 1, in: text).text
                == "job:\nmeta:  # free\n  a: 1\nconfig: {}\n"
        )
        #expect(
            try RunFileEditor.edit("job", to: "train", in: text).text
                == "job: train\nmeta:  # free\nconfig: {}\n"
        )
        #expect(
            try RunFileEditor.edit("config.name", to: "b", in: text).text
                == "job:\nmeta:  # free\nconfig:\n  name: b\n"
        )
    }

    @Test("a text without keys becomes a run file, and keeps its comments")
    func emptyText() throws {
        let wanted = "config:\n  process:\n    - train:\n        lr: 0.1\n"
        #expect(try RunFileEditor.edit("train.lr", to: 0.1, in: "").text == wanted)
        #expect(
            try RunFileEditor.edit("train.lr", to: 0.1, in: "# mine\n\n").text == "# mine\n\n"
                + wanted
        )
    }

    @Test("where anchors forbid the small change, the section around it is written anew")
    func anchors() throws {
        let text = """
            job: extension
            meta:
              # shared
              base: &base {linear: 8}
              other: *base
              third:
                <<: *base
                x: 1
            """ + "\n"
        let edit = try RunFileEditor.edit("meta.other.linear", to: 4, in: text)
        #expect(edit.text.contains("base: &base {linear: 8}\n  other:\n    linear: 4\n"))
        #expect(edit.rewritten == "meta.other")
        #expect(edit.lostComments == [])
        let merged = try RunFileEditor.edit("meta.third.linear", to: 4, in: text)
        #expect(merged.text == text + "    linear: 4\n")
        let base = try RunFileEditor.edit("meta.base.linear", to: 4, in: text)
        #expect(RunFile.values(in: base.text)["meta"]?.shown("base.linear") == 4)
        #expect(RunFile.values(in: base.text)["meta"]?.shown("other.linear") == 8)
        #expect(base.rewritten == "meta")
        #expect(base.lostComments == ["# shared"])
    }

    @Test("a section in brackets is written in block style")
    func brackets() throws {
        let text = "job: a # kind\nmeta: {a: 1, b: [x, z]} # free\n"
        let edit = try RunFileEditor.edit("meta.a", to: 2, in: text)
        #expect(edit.text == "job: a # kind\nmeta: # free\n  a: 2\n  b: [x, z]\n")
        #expect(edit.rewritten == "meta")
        let whole = try RunFileEditor.edit("meta", to: 2, in: "# top\n{job: a, # kind\n meta: 1}\n")
        #expect(whole.text == "# top\njob: a\nmeta: 2\n")
        #expect(whole.rewritten == "")
        #expect(whole.lostComments == ["# kind"])
    }

    @Test("JSON stays JSON")
    func json() throws {
        let text =
            "{\"job\": \"extension\", \"config\": {\"name\": \"a\\ud83d\\ude00\", \"process\": [{\"train\": {\"lr\": 1e-4}}]}}"
        let edit = try RunFileEditor.edit("train.steps", to: 10, in: text)
        let value = try JSONDecoder().decode(ConfigValue.self, from: Data(edit.text.utf8))
        #expect(
            value == [
                "job": "extension",
                "config": ["name": "a😀", "process": [["train": ["lr": 1e-4, "steps": 10]]]],
            ]
        )
        #expect(edit.text.contains("\"lr\": 1e-4,"))
    }

    @Test("variables of the environment stay as they are written")
    func variables() throws {
        let text = "job: a\nmeta:\n  list: [${ONE}, 2]\n  path: ${HOME}/x # home\n"
        #expect(
            try RunFileEditor.edit("job", to: "b", in: text).text
                == text.replacing("job: a", with: "job: b")
        )
        #expect(
            try RunFileEditor.edit("meta.path", to: "${OUT}", in: text).text
                .contains("path: \"${OUT}\" # home")
        )
    }

    @Test(
        "what cannot be changed is said with its line",
        arguments: [
            (
                "train.lr", "job: a\n\tmeta: 1\n",
                "line 2: a tab in the indentation, expected spaces; replace each tab by two spaces"
            ),
            (
                "train.lr", "- a\n",
                "line 1: got a list, expected a mapping with job and config; begin with \"job: extension\""
            ),
            (
                "meta.a", "job: a\nmeta: text\n",
                "line 2: meta: got \"text\", expected a mapping of keys; remove meta first"
            ),
            (
                "train.lr", "config:\n  process: 3\n",
                "line 2: config.process: got 3, expected a list; remove config.process first"
            ),
            (
                "datasets[2].fps", "config:\n  process:\n    - datasets:\n        - fps: 1\n",
                "line 4: datasets[2]: the list has one entry; the next one is [1]"
            ),
            (
                "train..lr", "job: a\n",
                "line 1: train..lr: is no path of a key; write it as in train.lr or datasets[0].fps"
            ),
            (
                "", "job: a\n",
                "line 1: is no path of a key; write it as in train.lr or datasets[0].fps"
            ),
            (
                "datasets[].fps", "job: a\n",
                "line 1: datasets[].fps: is no path of a key; write it as in train.lr or datasets[0].fps"
            ),
        ]
    )
    func faults(path: String, text: String, message: String) {
        let fault = #expect(throws: RunFileEditFault.self) {
            try RunFileEditor.edit(path, to: 1, in: text)
        }
        #expect(fault?.description == message)
    }

    @Test(
        "every key of the schema can be set and removed in every example, and nothing else changes",
        arguments: ["character.yaml", "demo.yaml"]
    )
    func everyKey(name: String) throws {
        let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        let file = folder.appendingPathComponent("Examples/\(name)")
        let text = try String(contentsOf: file, encoding: .utf8)
        let before = RunFile.values(in: text)
        for entry in RunFile.schema
        where !entry.type.contains("section") && entry.path != "config.process" {
            let path = entry.path.replacing("[]", with: "[0]")
            let value = Self.value(for: entry)
            let edit = try RunFileEditor.edit(path, to: value, in: text)
            #expect(edit.rewritten == nil && edit.lostComments == [], "\(path)")
            var after = RunFile.values(in: edit.text)
            #expect(after.removeValue(forKey: path) == value, "\(path)")
            var others = before
            others.removeValue(forKey: path)
            let isApart = { (key: String) in
                !key.hasPrefix(path + ".") && !path.hasPrefix(key + ".")
            }
            #expect(
                after.filter { isApart($0.key) } == others.filter { isApart($0.key) },
                "\(path)"
            )
            guard before[path] == nil else { continue }
            let back = try RunFileEditor.edit(path, to: nil, in: edit.text)
            #expect(back.text == text, "\(path)")
        }
    }

    private static func value(for entry: SchemaEntry) -> ConfigValue {
        switch entry.type {
        case "boolean": true
        case "integer": 3
        case "number": 0.25
        case "choice": .text(entry.allowedValues?.last ?? "x")
        case "mapping": ["betas": [0.9, 0.99], "name": "x y"]
        case let type where type.hasPrefix("list"): ["one", "two: three", "a, b"]
        default: "some: text"
        }
    }

    @Test("the seed's quick start is imported as it is and finished key by key")
    func seed() throws {
        var text = try String(contentsOfFile: Fixture.path("sop-quick-start.yaml"), encoding: .utf8)
        let comments = text.components(separatedBy: "#").count
        for (path, value) in [
            ("job", "extension"), ("config.name", "mia"), ("type", "sd_trainer"),
            ("training_folder", "output"), ("model.name_or_path", "Lightricks/LTX-2"),
            ("train.steps", 10),
            ("preset", "face+voice"),
        ] as [(String, ConfigValue)] {
            text = try RunFileEditor.edit(path, to: value, in: text).text
        }
        let file = try RunFile.parse(text: text, fileName: "job.yaml")
        #expect(file.name == "mia" && file.train.steps == 10)
        #expect(text.components(separatedBy: "#").count == comments)
    }
}

extension ConfigValue {
    /// What a path of keys leads to.
    fileprivate func shown(_ path: String) -> ConfigValue? {
        path.split(separator: ".").reduce(self) { value, key in
            guard case .mapping(let entries)? = value else { return nil }
            return entries[String(key)]
        }
    }
}
