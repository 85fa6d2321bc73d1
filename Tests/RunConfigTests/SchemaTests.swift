import Foundation
import RunConfig
import Testing

@Suite("The schema that forms and documentation are made from")
struct SchemaTests {
    @Test("the known keys equal the committed list")
    func goldenList() throws {
        let lines = RunFile.schema.map { "\($0.path) | \($0.type) | \($0.status.rawValue)" }
        let recorded = try String(contentsOfFile: Fixture.path("known-keys.txt"), encoding: .utf8)
        let expected = recorded.split(separator: "\n").map(String.init)
        #expect(Set(lines).subtracting(expected).sorted() == [], "new keys: add them to the list")
        #expect(Set(expected).subtracting(lines).sorted() == [], "keys that are gone")
        #expect(lines == expected)
    }

    /// Recorded from `toolkit/config_modules.py` of ostris/ai-toolkit at 27a03a91.
    @Test("every key that ai-toolkit reads is known")
    func peerKeys() throws {
        let path = try Fixture.path("ai-toolkit-keys.txt")
        let keys = try String(contentsOfFile: path, encoding: .utf8).split(separator: "\n")
        let known = Set(RunFile.schema.map(\.path))
        #expect(keys.count > 300)
        #expect(keys.map(String.init).filter { !known.contains($0) } == [])
    }

    @Test("every key is declared once, documented in a sentence, and says what it takes")
    func documented() {
        let paths = RunFile.schema.map(\.path)
        #expect(Set(paths).count == paths.count)
        let silent = RunFile.schema.filter {
            $0.documentation.last.map { ".".contains($0) } != true || $0.expected.isEmpty
        }
        #expect(silent.map(\.path) == [])
    }

    @Test("defaults, choices and status come from the declarations")
    func contents() throws {
        let entries = Dictionary(uniqueKeysWithValues: RunFile.schema.map { ($0.path, $0) })
        #expect(entries["network.linear"]?.default == 4)
        #expect(entries["network.linear"]?.expected == "a whole number from 1 to 4096")
        #expect(
            entries["network.type"]?.allowedValues == ["lora", "dora", "lokr", "loha", "fullrank"]
        )
        #expect(entries["save.dtype"]?.default == "bf16")
        #expect(entries["datasets[].do_audio"]?.defaultNote == "true for clips")
        #expect(entries["model.name_or_path"]?.isRequired == true)
        #expect(entries["train.sdp"]?.status == .acceptedWithoutEffect)
        #expect(entries["adapter"]?.status == .refused)
        #expect(entries["sample.samples[].prompt"] != nil)
    }

    @Test("the schema goes through JSON unchanged")
    func json() throws {
        let data = try JSONEncoder().encode(RunFile.schema)
        #expect(try JSONDecoder().decode([SchemaEntry].self, from: data) == RunFile.schema)
    }

    @Test("every live key with a plain default may be written out with that default")
    func defaultsAreAccepted() throws {
        for entry in RunFile.schema where entry.status == .live && entry.path.hasPrefix("train.") {
            let key = entry.path.split(separator: ".").map(String.init)
            guard key.count == 2, entry.default != .null, entry.type != "section" else { continue }
            var file = RunFileText()
            file.train = ["\(key[1]): \(entry.default)"]
            #expect(throws: Never.self, "\(entry.path)") { try file.parse() }
        }
    }
}
