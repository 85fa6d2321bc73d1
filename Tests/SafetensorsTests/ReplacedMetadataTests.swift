import Foundation
import Testing

@testable import Safetensors

/// A header that is written again when everything is known.
@Suite("Replaced metadata") struct ReplacedMetadataTests {
    private let folder: TemporaryFolder
    private let entries = [SafetensorsEntry(name: "a", dtype: .f32, shape: [2])]

    init() throws { folder = try TemporaryFolder() }

    private var path: String { "\(folder.path)/out.safetensors" }

    private func writer(room: Int) throws -> SafetensorsWriter {
        let writer = try SafetensorsWriter(
            path: path,
            entries: entries,
            metadata: ["kind": "x", "rest": String(repeating: " ", count: room)]
        )
        let values: [Float] = [1.5, -2]
        try values.withUnsafeBytes { try writer.write("a", $0) }
        return writer
    }

    @Test(
        "what came late stands in the file, filled up with spaces; tensors stay where they are",
        arguments: ["", "late", "ö \"quoted\" \\ and\nlines", String(repeating: "z", count: 200)]
    )
    func replaced(text: String) throws {
        let writer = try writer(room: 300)
        try writer.replaceMetadata(["kind": "y", "rest": text], filling: "rest")
        try writer.finish()
        let file = try SafetensorsFile(path: path)
        #expect(file.metadata["kind"] == "y")
        let rest = try #require(file.metadata["rest"])
        #expect(rest.hasPrefix(text) && rest.dropFirst(text.count).allSatisfy { $0 == " " })
        #expect(try file.floats("a") == [1.5, -2])
    }

    @Test("what needs more room than was left is refused, and no file appears")
    func tooLong() throws {
        do {
            let writer = try writer(room: 8)
            let error = #expect(throws: SafetensorsError.self) {
                try writer.replaceMetadata(
                    ["kind": "y", "rest": String(repeating: "z", count: 100)],
                    filling: "rest"
                )
            }
            #expect(error?.kind == .invalidRequest)
            #expect(error?.description.contains("needs a header of") == true)
            #expect(error?.description.contains("begin with a longer value of rest") == true)
        }
        #expect(try folder.content.isEmpty)
    }
}
