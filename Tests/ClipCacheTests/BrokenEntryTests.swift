import Foundation
import Safetensors
import Testing

@testable import ClipCache

/// Files that must never be trusted and never be fatal.
@Suite struct BrokenEntryTests {
    private let scratch: ScratchFolder
    private let cache: LatentCache
    private let key = Samples.key()
    private var url: URL { URL(fileURLWithPath: cache.path(for: key)) }

    init() throws {
        scratch = try ScratchFolder()
        cache = LatentCache(besideClipsIn: scratch.path)
        try cache.store(Samples.clip(), for: key, audio: AudioRequest(latentCount: 9))
    }

    @Test("an entry cut off anywhere is broken, and storing makes it whole again")
    func truncated() throws {
        let whole = try Data(contentsOf: url)
        for length in stride(from: 0, to: whole.count, by: 97) {
            try whole.prefix(length).write(to: url)
            guard case .broken(let reason) = cache.load(key) else {
                Issue.record("\(length) of \(whole.count) bytes: \(cache.load(key))")
                continue
            }
            #expect(!reason.isEmpty)
        }
        try cache.store(Samples.clip(), for: key)
        #expect(cache.load(key) == .hit(Samples.clip()))
    }

    @Test("an entry with one bit turned over is never a hit with other contents")
    func flippedBits() throws {
        let whole = try Data(contentsOf: url)
        for index in whole.indices {
            var damaged = whole
            damaged[index] ^= 1 << UInt8(index % 8)
            try damaged.write(to: url)
            if let clip = cache.load(key).value { #expect(clip == Samples.clip()) }
        }
    }

    @Test("another program's file under the entry's name is broken")
    func foreign() throws {
        let writer = try SafetensorsWriter(
            path: url.path,
            entries: [SafetensorsEntry(name: "latent", dtype: .f32, shape: [1])],
            metadata: ["format": "pt"]
        )
        try [Float(1)].withUnsafeBytes { try writer.write("latent", $0) }
        try writer.finish()
        #expect(cache.load(key) == .broken("is not a cache file of this program"))
        try Data("no safetensors at all".utf8).write(to: url)
        guard case .broken = cache.load(key) else { return #expect(Bool(false)) }
    }

    @Test("an entry of another schema or another key is stale")
    func otherSchemaOrKey() throws {
        let file = Samples.clip().file(key: key, audio: nil, checkpoint: "")
        try CacheFile(kind: file.kind, schema: 99, key: file.key, tensors: []).write(to: url.path)
        #expect(cache.load(key) == .stale("schema 99, should be 1"))
        try CacheFile(kind: file.kind, schema: 1, key: "abc", tensors: []).write(to: url.path)
        #expect(cache.load(key) == .stale("made for another key"))
    }

    @Test("an entry of ours that lacks what it should hold is broken")
    func incomplete() throws {
        var file = Samples.clip().file(key: key, audio: nil, checkpoint: "")
        file.tensors.removeAll { $0.name == "audio_latent" }
        try file.write(to: url.path)
        #expect(cache.load(key) == .broken("facts or latents are missing or malformed"))
        file.facts["audio"] = nil
        try file.write(to: url.path)
        #expect(cache.load(key) == .broken("facts or latents are missing or malformed"))
    }

    @Test("a folder under the entry's name is broken")
    func folder() throws {
        try FileManager.default.removeItem(at: url)
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
        guard case .broken = cache.load(key) else { return #expect(Bool(false)) }
    }
}
