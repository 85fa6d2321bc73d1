import ClipCache
import Foundation
import Media
import Testing

@testable import ClipData

/// From files to cache entries, with clips that the ffmpeg program made.
@Suite struct PreparationTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func rules(frames: Int = 9, sound: Bool = true) -> DatasetRules {
        var rules = DatasetRules(path: scratch.path)
        rules.resolutions = [96]
        rules.windows = WindowRules(frameCount: frames, rate: 24, mostPerClip: 2)
        rules.wantsSound = sound
        return rules
    }

    private func plan(_ rules: DatasetRules) async throws -> ClipPlan {
        try ClipPlan([try await ClipIndex.scan(rules)], factors: BlockMeanEncoder.factors)
    }

    private func load(_ item: PlannedItem) throws -> EncodedClip {
        let key = item.cacheKey(encoderFingerprint: "block-mean")
        return try #require(item.cache.load(key, needs: item.needs).value)
    }

    @Test("every clip is accounted for, and a second run finds all of it")
    func accounting() async throws {
        try FFmpegProgram.makeClip(scratch.file("a.mov"), colors: ["red", "blue"])
        try FFmpegProgram.makeClip(scratch.file("b.mov"), sound: nil)
        try FFmpegProgram.makeClip(scratch.file("c.mov"), sound: "anullsrc=r=48000:cl=mono")
        try FFmpegProgram.run(
            "ffmpeg",
            ["-v", "error", "-f", "lavfi", "-i", "color=lime:size=64x96", "-frames:v", "1"]
                + [scratch.file("d.png")]
        )
        let plan = try await plan(rules())
        #expect(plan.items.count == 7)

        let encoder = BlockMeanEncoder()
        let report = try ClipPreparation(plan).run(encoder: encoder)
        #expect(
            report.description == """
                Video latent caching: 7 encoded, 0 failed
                Audio latent caching: 2 encoded, 0 failed, 2 without sound, 2 silent
                """
        )
        let again = try ClipPreparation(plan).run(encoder: encoder)
        #expect(
            again.description == """
                Video latent caching: 0 encoded, 0 failed, 7 from cache
                Audio latent caching: 0 encoded, 0 failed, 2 without sound, 2 silent, 2 from cache
                """
        )
        #expect(encoder.encodedWindows == 7)
        #expect(encoder.encodedSounds == 2)
    }

    @Test("pictures and sound of a window are those of its time")
    func content() async throws {
        // Black, then white; a tone begins with the white.
        try FFmpegProgram.makeClip(
            scratch.file("a.mov"),
            colors: ["black", "white"],
            seconds: 1.75,
            sound: "aevalsrc='0.5*sin(2*PI*500*t)*gte(t,1)':s=44100:c=mono"
        )
        let plan = try await plan(rules(frames: 25))
        _ = try ClipPreparation(plan).run(encoder: BlockMeanEncoder())
        try #require(plan.items.map(\.window.start) == [0, 17.0 / 24])

        // The second window begins 7 pictures before the change: 1 + 6 black, 2 + 16 white.
        let clip = try load(plan.items[1])
        #expect(clip.video.shape == [3, 4, 2, 3])
        for (group, expected) in [Float(0), 0.25, 1, 1].enumerated() {
            let latents = clip.video.values[group * 6..<(group + 1) * 6]
            #expect(latents.allSatisfy { abs($0 - expected) < 0.02 })
        }
        #expect(clip.audioStatus == .present)
        let audio = try #require(clip.audio)
        #expect(audio.shape == [26, 2])
        // 7 of 25 pictures are silent: 7.28 of 26 audio latents.
        #expect(audio.values[..<14].allSatisfy { $0 < 0.01 })
        #expect(audio.values[16...].allSatisfy { abs($0 - 0.5 * 2 / .pi) < 0.01 })
        #expect(clip.fps == 24 && clip.pixelFrames == 25 && clip.width == 96 && clip.height == 64)
    }

    @Test("an entry made without sound is made anew when sound is asked for, and only then")
    func soundAskedForLater() async throws {
        try FFmpegProgram.makeClip(scratch.file("a.mov"))
        let silent = try ClipPreparation(await plan(rules(sound: false)))
            .run(encoder: BlockMeanEncoder())
        #expect(silent.encodedWindows == 2 && silent.encodedSounds == 0)

        let withSound = try await plan(rules())
        let report = try ClipPreparation(withSound).run(encoder: BlockMeanEncoder())
        #expect(report.encodedSounds == 2)
        #expect(report.remade.map(\.reason) == ["made without sound", "made without sound"])
        #expect(try load(withSound.items[0]).audio != nil)

        let back = try ClipPreparation(await plan(rules(sound: false)))
            .run(encoder: BlockMeanEncoder())
        #expect(back.cachedWindows == 2 && back.encodedWindows == 0)
    }

    @Test("a clip replaced under its name is encoded anew")
    func replaced() async throws {
        try FFmpegProgram.makeClip(scratch.file("a.mov"), colors: ["red"])
        _ = try ClipPreparation(await plan(rules())).run(encoder: BlockMeanEncoder())
        try FFmpegProgram.makeClip(scratch.file("a.mov"), colors: ["blue"])
        let plan = try await plan(rules())
        let report = try ClipPreparation(plan).run(encoder: BlockMeanEncoder())
        #expect(report.encodedWindows == 2)
        let video = try load(plan.items[0]).video.values
        #expect(video[0] < 0.05 && video[video.count - 1] > 0.95)
    }

    @Test("other encoder weights are other entries")
    func otherEncoder() async throws {
        try FFmpegProgram.makeClip(scratch.file("a.mov"), seconds: 0.5)
        let plan = try await plan(rules())
        _ = try ClipPreparation(plan).run(encoder: BlockMeanEncoder())
        let other = BlockMeanEncoder(fingerprint: "other")
        #expect(try ClipPreparation(plan).run(encoder: other).encodedWindows == plan.items.count)
    }

    @Test("an entry cut off anywhere is made anew")
    func broken() async throws {
        try FFmpegProgram.makeClip(scratch.file("a.mov"), seconds: 0.375)
        let plan = try await plan(rules())
        let encoder = BlockMeanEncoder()
        _ = try ClipPreparation(plan).run(encoder: encoder)
        let key = plan.items[0].cacheKey(encoderFingerprint: encoder.fingerprint)
        let url = URL(fileURLWithPath: plan.items[0].cache.path(for: key))
        let whole = try Data(contentsOf: url)
        for length in stride(from: 0, to: whole.count, by: 97) {
            try whole.prefix(length).write(to: url)
            let report = try ClipPreparation(plan).run(encoder: encoder)
            #expect(report.encodedWindows == 1)
            #expect(report.remade.count == 1)
            #expect(try Data(contentsOf: url) == whole)
        }
    }

    @Test("stopping keeps what is cached, and the next run goes on from there")
    func interrupted() async throws {
        for name in ["a", "b", "c"] {
            try FFmpegProgram.makeClip(scratch.file("\(name).mov"), seconds: 0.375)
        }
        let plan = try await plan(rules())
        let encoder = BlockMeanEncoder()
        let error = #expect(throws: ClipDataError.self) {
            try ClipPreparation(plan).run(
                encoder: encoder,
                isCancelled: { encoder.encodedWindows == 2 }
            )
        }
        #expect(
            error?.description == """
                latent caching: was stopped after 2 of 3 windows, should encode all; start the \
                run again: it goes on from there
                """
        )
        var told: [String] = []
        let report = try ClipPreparation(plan).run(
            encoder: encoder,
            progress: { number, total, clip in told.append("\(number)/\(total) \(clip)") }
        )
        #expect(report.cachedWindows == 2 && report.encodedWindows == 1)
        #expect(told == ["1/1 c.mov"])
    }
}
