import Foundation
import Testing

@testable import Safetensors

@Suite struct WriterTests {
    private let folder: TemporaryFolder
    private let entries = [
        SafetensorsEntry(name: "a", dtype: .f32, shape: [2]),
        SafetensorsEntry(name: "b", dtype: .u8, shape: []),
    ]

    init() throws { folder = try TemporaryFolder() }

    private var path: String { "\(folder.path)/out.safetensors" }

    private func write(_ writer: SafetensorsWriter, _ name: String, _ count: Int) throws {
        try Array(repeating: UInt8(1), count: count).withUnsafeBytes { try writer.write(name, $0) }
    }

    private func message(_ body: () throws -> Void) -> String? {
        let error = #expect(throws: SafetensorsError.self) { try body() }
        return error?.description.replacing(folder.path + "/", with: "")
    }

    @Test("a writer that is released before the end leaves the older file and nothing else")
    func abandoned() throws {
        _ = try folder.writeScalars("out.safetensors", ["old": 1])
        do {
            let writer = try SafetensorsWriter(path: path, entries: entries, metadata: [:])
            try write(writer, "a", 8)
            #expect(try folder.content.count == 2)
        }
        #expect(try folder.content == ["out.safetensors"])
        #expect(try SafetensorsFile(path: path).names == ["old"])
    }

    @Test("a finished file replaces the older one")
    func replaces() throws {
        _ = try folder.writeScalars("out.safetensors", ["old": 1])
        let reader = try SafetensorsFile(path: path)
        _ = try folder.writeScalars("out.safetensors", ["new": 2])
        #expect(try SafetensorsFile(path: path).names == ["new"])
        #expect(try reader.floats("old") == [1])
        #expect(try folder.content == ["out.safetensors"])
    }

    @Test("tensors out of order are refused")
    func order() throws {
        let writer = try SafetensorsWriter(path: path, entries: entries, metadata: [:])
        #expect(
            message { try write(writer, "b", 1) } == """
                out.safetensors: tensor b came, should be tensor a; \
                write the tensors in the order of the entries
                """
        )
    }

    @Test("a tensor of the wrong size is refused")
    func size() throws {
        let writer = try SafetensorsWriter(path: path, entries: entries, metadata: [:])
        #expect(
            message { try write(writer, "a", 7) }
                == "out.safetensors: tensor a has 7 bytes, should have 8; write F32 [2]"
        )
    }

    @Test("a file cannot be finished while tensors are missing")
    func missing() throws {
        let writer = try SafetensorsWriter(path: path, entries: entries, metadata: [:])
        try write(writer, "a", 8)
        #expect(
            message { try writer.finish() } == """
                out.safetensors: 1 tensors were written, should be 2; \
                write tensor b and those after it
                """
        )
    }

    @Test("entries that the format cannot hold are refused before anything is written")
    func badEntries() throws {
        let twice = [entries[1], entries[1]]
        #expect(
            message { _ = try SafetensorsWriter(path: path, entries: twice, metadata: [:]) } == """
                out.safetensors, tensor b: is U8 [], has a name that is taken, \
                should have its own; change the entry
                """
        )
        for shape in [[3], [-2], [Int.max, 2]] {
            let odd = [SafetensorsEntry(name: "odd", dtype: .f4, shape: shape)]
            #expect(
                message { _ = try SafetensorsWriter(path: path, entries: odd, metadata: [:]) }
                    == """
                    out.safetensors, tensor odd: is F4 \(shape), \
                    should be a whole number of bytes below 2^60; change the entry
                    """
            )
        }
        #expect(try folder.content.isEmpty)
    }

    @Test("a folder that is missing is named")
    func missingFolder() throws {
        let path = "\(folder.path)/none/out.safetensors"
        #expect(
            message { _ = try SafetensorsWriter(path: path, entries: [], metadata: [:]) } == """
                none/out.safetensors: cannot be written (No such file or directory), \
                should be writable; check that its folder exists and is yours to write to
                """
        )
    }

    @Test("a full disk is a kind of its own")
    func fullDisk() throws {
        let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let error = #expect(throws: SafetensorsError.self) {
            try [UInt8](repeating: 0, count: 10).withUnsafeBytes {
                try OutputFile.writeAll($0, to: descriptor, file: "out.safetensors")
            }
        }
        #expect(error?.kind == .diskFull)
        #expect(
            error?.description == """
                out.safetensors: does not fit on the disk (No space left on device), \
                should fit; free some space or choose another folder
                """
        )
    }
}
