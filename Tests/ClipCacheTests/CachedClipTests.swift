import Foundation
import Testing

@testable import ClipCache

/// Entries that are looked at by themselves.
@Suite("Entries by themselves") struct CachedClipTests {
    @Test("an entry says which window of its clip it is, and which weights made it")
    func origin() throws {
        let folder = try ScratchFolder()
        let cache = LatentCache(besideClipsIn: folder.path)
        let key = Samples.key(start: 1.25)
        try cache.store(Samples.clip(), for: key, checkpoint: "models/ltx.safetensors")
        let entry = try CachedClip(path: cache.path(for: key))
        #expect(entry.key == key)
        #expect(entry.clip == Samples.clip())
        #expect(entry.checkpoint == "models/ltx.safetensors")
    }

    @Test("the entries of a clip are found by its name, and no other's")
    func entries() throws {
        let folder = try ScratchFolder()
        let cache = LatentCache(besideClipsIn: folder.path)
        for start in [0.0, 2.0] {
            try cache.store(Samples.clip(), for: Samples.key(start: start))
        }
        let names = ["clip_001_more_0123456789abcdef.safetensors", "clip_001_notes.txt"]
        for name in names { try Data().write(to: URL(fileURLWithPath: "\(cache.folder)/\(name)")) }
        let found = LatentCache.entries(ofClip: folder.file("clip_001.mp4"))
        #expect(found.count == 2)
        #expect(try Set(found.map { try CachedClip(path: $0).key.start }) == [0, 2])
        #expect(LatentCache.entries(ofClip: folder.file("clip_002.mp4")).isEmpty)
    }

    @Test("what is missing, foreign or of an earlier version is refused with what to do")
    func unusable() throws {
        let folder = try ScratchFolder()
        let absent = folder.file("absent.safetensors")
        var error = #expect(throws: CacheError.self) { try CachedClip(path: absent) }
        #expect(
            error?.description
                == "\(absent): is not there, should be an entry of a _latent_cache folder; "
                + "encode the clips first: likeness cache run.yaml"
        )
        let earlier = folder.file("earlier.safetensors")
        let key = Samples.key()
        var file = Samples.clip().file(key: key, audio: nil, checkpoint: "")
        file.facts["origin"] = nil
        try file.write(to: earlier)
        error = #expect(throws: CacheError.self) { try CachedClip(path: earlier) }
        #expect(
            error?.description
                == "\(earlier): does not say which window of its clip it is, should be a whole entry "
                + "of this version; delete it and encode the clip again: likeness cache run.yaml"
        )
    }
}
