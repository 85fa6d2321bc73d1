import Foundation
import Safetensors
import Testing

@Suite struct RoundTripTests {
    private let folder: TemporaryFolder

    init() throws { folder = try TemporaryFolder() }

    /// Bytes that differ from tensor to tensor.
    private static func bytes(_ count: Int, seed: Int) -> [UInt8] {
        (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ seed &* 11) }
    }

    @Test("every dtype comes back with its bytes, shape and place in the order")
    func everyType() throws {
        let path = "\(folder.path)/all.safetensors"
        let types = SafetensorsDType.allCases
        let entries = types.map { SafetensorsEntry(name: "t.\($0)", dtype: $0, shape: [2, 4]) }
        let metadata = ["quote\"": "line\nbell\u{7} ü", "a": "b"]
        let writer = try SafetensorsWriter(path: path, entries: entries, metadata: metadata)
        for (seed, entry) in entries.enumerated() {
            try Self.bytes(entry.dtype.bitWidth, seed: seed).withUnsafeBytes {
                try writer.write(entry.name, $0)
            }
        }
        try writer.finish()

        let file = try SafetensorsFile(path: path)
        #expect(file.names == entries.map(\.name))
        #expect(file.metadata == metadata)
        for (seed, entry) in entries.enumerated() {
            #expect(file.info(entry.name)?.dtype == entry.dtype)
            #expect(file.info(entry.name)?.shape == [2, 4])
            #expect(rawBytes(file, entry.name) == Self.bytes(entry.dtype.bitWidth, seed: seed))
        }
    }

    @Test("the data begins at a multiple of 8 bytes", arguments: ["a", "ab", "abc", "abcdefg"])
    func alignment(name: String) throws {
        let file = try SafetensorsFile(path: folder.writeScalars("x.safetensors", [name: 1]))
        #expect(file.info(name).map { $0.byteRange.lowerBound % 8 } == 0)
    }

    @Test("a file without tensors is a file")
    func empty() throws {
        let file = try SafetensorsFile(path: folder.writeScalars("x.safetensors", [:]))
        #expect(file.names.isEmpty)
        #expect(file.metadata == ["of": "x.safetensors"])
    }

    @Test("dropping a tensor from memory does not change it")
    func dropping() throws {
        let path = "\(folder.path)/big.safetensors"
        let bytes = Self.bytes(1 << 20, seed: 3)
        let entry = SafetensorsEntry(name: "w", dtype: .u8, shape: [bytes.count])
        let writer = try SafetensorsWriter(path: path, entries: [entry], metadata: [:])
        try bytes.withUnsafeBytes { try writer.write("w", $0) }
        try writer.finish()

        let file = try SafetensorsFile(path: path)
        #expect(rawBytes(file, "w") == bytes)
        file.dropFromMemory("w")
        #expect(rawBytes(file, "w") == bytes)
    }

    @Test("a sparse 40 GB file opens, and costs memory only for what is touched")
    func hugeFile() throws {
        let size = 40 << 30
        let json = #"{"w":{"dtype":"U8","shape":[\#(size)],"data_offsets":[0,\#(size)]}}"#
        let path = try folder.write("huge.safetensors", fileBytes(json))
        #expect(truncate(path, off_t(8 + json.utf8.count + size)) == 0)

        let file = try SafetensorsFile(path: path)
        let last = file.withBytes(of: "w") { $0[size - 1] }

        #expect(last == 0)
        #expect(file.fileSize == 8 + json.utf8.count + size)
        // Without this the file may be closed after its last use, before its memory is counted.
        let kilobytes = try withExtendedLifetime(file) { try residentKilobytes(of: path) }
        #expect(kilobytes < 1024)
    }

    /// What the mapping of a file occupies in memory, as the system counts it.
    private func residentKilobytes(of path: String) throws -> Int {
        // Read piece by piece: the system gives the size of this file as 0.
        let handle = try #require(FileHandle(forReadingAtPath: "/proc/self/smaps"))
        var data = Data()
        while let piece = try handle.read(upToCount: 1 << 16), !piece.isEmpty { data += piece }
        let maps = String(decoding: data, as: UTF8.self)
        let mapping = try #require(maps.split(separator: path, maxSplits: 1).dropFirst().first)
        let line = try #require(mapping.split(separator: "\n").first { $0.hasPrefix("Rss:") })
        return try #require(Int(line.split(separator: " ")[1]))
    }
}
