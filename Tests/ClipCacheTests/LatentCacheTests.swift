import Foundation
import Safetensors
import Testing

@testable import ClipCache

@Suite struct LatentCacheTests {
    private let scratch: ScratchFolder
    private let cache: LatentCache

    init() throws {
        scratch = try ScratchFolder()
        cache = LatentCache(besideClipsIn: scratch.path)
    }

    @Test("what is stored comes back, bit for bit", arguments: AudioStatus.allCases)
    func roundTrip(status: AudioStatus) throws {
        let clip = Samples.clip(status)
        try cache.store(clip, for: Samples.key(), audio: AudioRequest(latentCount: 9))
        #expect(cache.load(Samples.key()) == .hit(clip))
        #expect(cache.load(Samples.key(start: 0.6)) == .miss)
    }

    @Test("a run with sound takes what is known and asks again for what is not")
    func soundIsAccountedFor() throws {
        let needs = CacheNeeds(audio: AudioRequest(latentCount: 9))
        let expected: [AudioStatus: CacheAnswer<EncodedClip>] = [
            .present: .hit(Samples.clip(.present)),
            .none: .hit(Samples.clip(.none)),
            .silent: .hit(Samples.clip(.silent)),
            .failed: .stale("the sound could not be decoded then"),
            .unread: .stale("made without sound"),
        ]
        for status in AudioStatus.allCases {
            try cache.store(Samples.clip(status), for: Samples.key(), audio: needs.audio)
            #expect(cache.load(Samples.key(), needs: needs) == expected[status])
        }
    }

    @Test("sound that was read in another way is stale")
    func otherSound() throws {
        let read = AudioRequest(latentCount: 9)
        try cache.store(Samples.clip(), for: Samples.key(), audio: read)
        let needs = CacheNeeds(audio: AudioRequest(latentCount: 9, normalizes: true))
        #expect(
            cache.load(Samples.key(), needs: needs)
                == .stale("sound read as 9 latents, should be 9 latents, normalized")
        )
    }

    @Test("an entry without the first frame alone is stale where it is needed")
    func firstFrame() throws {
        let clip = EncodedClip(
            video: Samples.ramp([4, 2, 1, 2], scale: 1),
            audioStatus: .unread,
            fps: 24,
            pixelFrames: 9,
            width: 64,
            height: 32
        )
        try cache.store(clip, for: Samples.key())
        #expect(cache.load(Samples.key()) == .hit(clip))
        #expect(
            cache.load(Samples.key(), needs: CacheNeeds(firstFrame: true))
                == .stale("made without the first frame's own latents")
        )
    }

    @Test("every field of the key but the stem leads to another entry")
    func keys() {
        let key = Samples.key()
        let geometry = CacheGeometry(
            scaledWidth: 64,
            scaledHeight: 36,
            cropX: 0,
            cropY: 2,
            width: 64,
            height: 32,
            flipX: true
        )
        func changed(
            stem: String? = nil,
            content: String? = nil,
            seconds: Double? = nil,
            times: [Double]? = nil,
            fps: Double? = nil,
            geometry: CacheGeometry? = nil,
            encoder: String? = nil
        ) -> CacheKey {
            CacheKey(
                stem: stem ?? key.stem,
                contentHash: content ?? key.contentHash,
                start: key.start,
                seconds: seconds ?? key.seconds,
                frameTimes: times ?? key.frameTimes,
                fps: fps ?? key.fps,
                geometry: geometry ?? key.geometry,
                encoderFingerprint: encoder ?? key.encoderFingerprint
            )
        }
        let others = [
            changed(content: "c0ffef"), changed(seconds: 0.4), changed(times: [0]),
            changed(fps: 25), changed(geometry: geometry), changed(encoder: "vae-2"),
            Samples.key(start: 0.75),
        ]
        #expect(Set(others.map(\.digest) + [key.digest]).count == others.count + 1)
        #expect(changed(stem: "other").digest == key.digest)
        #expect(key.fileName == "clip_001_\(key.digest.prefix(16)).safetensors")
        #expect(key.digest.count == 64)
    }

    @Test("a very long file name stays within what a file system takes")
    func longName() throws {
        let key = CacheKey(
            stem: String(repeating: "ä", count: 120),
            contentHash: "c",
            start: 0,
            seconds: 1,
            frameTimes: [0],
            fps: 24,
            geometry: Samples.key().geometry,
            encoderFingerprint: "e"
        )
        try cache.store(Samples.clip(), for: key)
        #expect(cache.load(key) == .hit(Samples.clip()))
    }

    @Test("latents that are not finite are refused, not stored")
    func notFinite() {
        let clip = Samples.clip(scale: .infinity)
        let error = #expect(throws: CacheError.self) { try cache.store(clip, for: Samples.key()) }
        #expect(
            error?.description == """
                \(cache.path(for: Samples.key())): latents hold NaN or infinity, should be \
                finite; check the VAE weights (likeness verify); in reduced precision try float32
                """
        )
        #expect(cache.load(Samples.key()) == .miss)
    }

    @Test("a folder that cannot be made is named")
    func unwritable() throws {
        let file = scratch.file("file")
        try Data().write(to: URL(fileURLWithPath: file))
        let cache = LatentCache(besideClipsIn: file)
        let error = #expect(throws: CacheError.self) {
            try cache.store(Samples.clip(), for: Samples.key())
        }
        #expect(error?.place == cache.folder)
        #expect(error?.fix == "make the folder of the clips writable")
    }
}
