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

    @Test("a file of several blocks has the bytes it was given, in pieces of any size")
    func blocks() throws {
        let sizes = [5, 9_000_001, 0, 4096, 4_194_304, 3, 1_000_000]
        let entries = sizes.enumerated().map {
            SafetensorsEntry(name: "t\($0)", dtype: .u8, shape: [$1])
        }
        let metadata = ["facts": String(repeating: " ", count: 20)]
        let writer = try SafetensorsWriter(path: path, entries: entries, metadata: metadata)
        for (number, size) in sizes.enumerated() {
            try writer.write("t\(number)", count: size) { range, room in
                for (place, index) in zip(range, room.indices) {
                    room[index] = Self.byte(number, place)
                }
            }
        }
        try writer.replaceMetadata(["facts": "known at the end"], filling: "facts")
        try writer.finish()
        let file = try SafetensorsFile(path: path)
        #expect(file.metadata["facts"]?.hasPrefix("known at the end") == true)
        for (number, size) in sizes.enumerated() {
            let isSame = file.withBytes(of: "t\(number)") { bytes in
                bytes.count == size
                    && zip(bytes.indices, bytes).allSatisfy { $1 == Self.byte(number, $0) }
            }
            #expect(isSame == true)
        }
        #expect(try folder.content == ["out.safetensors"])
    }

    private static func byte(_ number: Int, _ place: Int) -> UInt8 {
        UInt8(truncatingIfNeeded: (place &* 2_654_435_761) >> 7 &+ number)
    }

    @Test("an error in the middle of a large file leaves nothing")
    func failsInTheMiddle() throws {
        struct Stop: Error {}
        let large = [SafetensorsEntry(name: "t", dtype: .u8, shape: [30_000_000])]
        do {
            let writer = try SafetensorsWriter(path: path, entries: large, metadata: [:])
            #expect(throws: Stop.self) {
                try writer.write("t", count: 30_000_000) { range, room in
                    guard range.lowerBound < 20_000_000 else { throw Stop() }
                    room.initializeMemory(as: UInt8.self, repeating: 1)
                }
            }
        }
        #expect(try folder.content.isEmpty)
    }

    @Test("a block that the system refuses is an error of the file, however late it is noticed")
    func refusedBlock() throws {
        let descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let stream = BlockStream(descriptor: descriptor, size: 100_000_000)
        let failure = #expect(throws: BlockStreamFailure.self) {
            try stream.append(100_000_000) { _, room in
                room.initializeMemory(as: UInt8.self, repeating: 1)
            }
            try stream.finish()
        }
        stream.abandon()
        #expect(failure?.code == ENOSPC)
    }

    @Test("a full disk is a kind of its own, and known before any tensor is made")
    func tooLarge() throws {
        let large = [SafetensorsEntry(name: "t", dtype: .u8, shape: [1 << 43])]
        let error = #expect(throws: SafetensorsError.self) {
            _ = try SafetensorsWriter(path: path, entries: large, metadata: [:])
        }
        #expect(error?.kind == .diskFull)
        #expect(
            error?.description == """
                \(path): does not fit on the disk (No space left on device), \
                should fit; free some space or choose another folder
                """
        )
        #expect(try folder.content.isEmpty)
    }
}
