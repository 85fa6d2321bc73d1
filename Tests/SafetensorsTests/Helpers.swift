import Foundation
import Testing

@testable import Safetensors

/// A folder of its own for one test, removed with the last reference.
final class TemporaryFolder {
    let path: String

    init() throws {
        let folder = FileManager.default.temporaryDirectory
            .appendingPathComponent("safetensors-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.path
    }

    deinit {
        do {
            try FileManager.default.removeItem(atPath: path)
        } catch {
            Issue.record("\(path) stays behind: \(error)")
        }
    }

    var content: [String] {
        get throws { try FileManager.default.contentsOfDirectory(atPath: path).sorted() }
    }

    /// Writes a file of raw bytes.
    func write(_ name: String, _ bytes: [UInt8]) throws -> String {
        let file = "\(path)/\(name)"
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }

    /// Writes a file with one float32 tensor of one element per name.
    func writeScalars(_ name: String, _ values: [String: Float]) throws -> String {
        let file = "\(path)/\(name)"
        let names = values.keys.sorted()
        let entries = names.map { SafetensorsEntry(name: $0, dtype: .f32, shape: [1]) }
        let writer = try SafetensorsWriter(path: file, entries: entries, metadata: ["of": name])
        for name in names {
            try withUnsafeBytes(of: values[name, default: 0]) {
                try writer.write(name, $0)
            }
        }
        try writer.finish()
        return file
    }
}

/// The bytes of a file with this header text and this many zero bytes of data.
func fileBytes(_ json: String, dataBytes: Int = 0) -> [UInt8] {
    let header = Array(json.utf8)
    let length = withUnsafeBytes(of: UInt64(header.count).littleEndian, Array.init)
    return length + header + Array(repeating: 0, count: dataBytes)
}

/// Parses the header of a file in memory.
func header(_ bytes: [UInt8]) throws -> SafetensorsHeader {
    try bytes.withUnsafeBytes { try SafetensorsHeader($0, file: "x.safetensors") }
}

/// A copy of a tensor's bytes.
func rawBytes(_ file: SafetensorsFile, _ name: String) -> [UInt8]? {
    file.withBytes(of: name) { Array($0) }
}

func fixture(_ name: String) throws -> String {
    try #require(Bundle.module.url(forResource: "Fixtures/\(name)", withExtension: nil)).path
}
