import Foundation
import Testing

@testable import ClipCache

@Suite struct TextCacheTests {
    private let scratch: ScratchFolder
    private let cache: TextCache
    private let features = EncodedText(
        video: BFloat16Buffer(rounding: Samples.ramp([5, 8], scale: 0.3)),
        audio: BFloat16Buffer(rounding: Samples.ramp([5, 4], scale: -2))
    )

    init() throws {
        scratch = try ScratchFolder()
        cache = TextCache(besideClipsIn: scratch.path)
    }

    private func key(
        _ prompt: String = "ohwx speaks: \"hello\"\n",
        encoder: String = "gemma",
        projection: String = "p",
        tokenizer: String = "t"
    ) -> TextKey {
        TextKey(
            prompt: prompt,
            encoderFingerprint: encoder,
            projectionFingerprint: projection,
            tokenizerFingerprint: tokenizer
        )
    }

    @Test("features come back bit for bit, with and without the audio stream's own")
    func roundTrip() throws {
        try cache.store(features, for: key())
        #expect(cache.load(key()) == .hit(features))
        let videoOnly = EncodedText(video: features.video)
        try cache.store(videoOnly, for: key("another"))
        #expect(cache.load(key("another")) == .hit(videoOnly))
    }

    @Test("a prompt of no tokens is as good as any")
    func empty() throws {
        let none = EncodedText(video: BFloat16Buffer(shape: [0, 8], bits: []))
        try cache.store(none, for: key(""))
        #expect(cache.load(key("")) == .hit(none))
    }

    @Test("another prompt, encoder, projection or tokenizer is another entry")
    func keys() throws {
        try cache.store(features, for: key())
        let others = [key("x"), key(encoder: "x"), key(projection: "x"), key(tokenizer: "x")]
        for other in others { #expect(cache.load(other) == .miss) }
    }

    @Test("a cut-off entry is broken")
    func truncated() throws {
        try cache.store(features, for: key())
        let url = URL(fileURLWithPath: cache.path(for: key()))
        let whole = try Data(contentsOf: url)
        for length in stride(from: 0, to: whole.count, by: 97) {
            try whole.prefix(length).write(to: url)
            guard case .broken = cache.load(key()) else {
                Issue.record("\(length) of \(whole.count) bytes: \(cache.load(key()))")
                continue
            }
        }
    }

    @Test("a latent entry under a text entry's name is broken")
    func otherKind() throws {
        let latents = LatentCache(folder: scratch.path)
        try latents.store(Samples.clip(), for: Samples.key())
        try FileManager.default.createDirectory(
            atPath: cache.folder,
            withIntermediateDirectories: true
        )
        try FileManager.default.copyItem(
            atPath: latents.path(for: Samples.key()),
            toPath: cache.path(for: key())
        )
        #expect(cache.load(key()) == .broken("is not a cache file of this program"))
    }

    @Test("features that do not fit each other are refused")
    func misshapen() {
        let features = EncodedText(
            video: BFloat16Buffer(shape: [2, 2], bits: [0, 0, 0, 0]),
            audio: BFloat16Buffer(shape: [1, 2], bits: [0, 0])
        )
        let error = #expect(throws: CacheError.self) { try cache.store(features, for: key()) }
        #expect(error?.problem == "audio features are [1, 2], should be [2, Da]")
    }
}
