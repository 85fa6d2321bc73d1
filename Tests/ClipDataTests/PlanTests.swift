import ClipCache
import Testing

@testable import ClipData

@Suite struct PlanTests {
    private func plan(_ clips: [Clip], _ rules: DatasetRules = TestClips.rules()) throws -> ClipPlan
    {
        try ClipPlan([ClipIndex(rules: rules, clips: clips)])
    }

    @Test("the recommended run file's set gives the sizes it was computed for")
    func recommended() throws {
        let plan = try plan([TestClips.clip("a.mp4", TestClips.video())])
        let item = try #require(plan.items.first)
        #expect(plan.items.count == 1)
        #expect(item.bucketKey == "672x384x81")
        #expect(item.latentShape == [128, 11, 12, 21])
        #expect(item.audio?.latentCount == 84)
        #expect(!item.needsFirstFrame)
    }

    @Test(
        "audio latents are counted as the model's pipeline counts them",
        arguments: [(9, 9), (25, 26), (49, 51), (81, 84), (97, 101), (121, 126), (161, 168)]
    )
    func audioCounts(frames: Int, expected: Int) {
        #expect(LatentFactors().audioCount(frames: frames, fps: 24) == expected)
    }

    @Test("each resolution makes its own copy, flips multiply, repeats count")
    func copies() throws {
        var rules = TestClips.rules()
        rules.resolutions = [256, 512]
        rules.flipX = true
        rules.flipY = true
        rules.repeats = 3
        let plan = try plan([TestClips.clip("a.mp4", TestClips.video())], rules)
        #expect(plan.items.count == 8)
        #expect(plan.totals.itemsPerEpoch == 24)
        #expect(plan.totals.clips == 1)
        let keys = plan.items.map { $0.cacheKey(encoderFingerprint: "e").digest }
        #expect(Set(keys).count == 8)
    }

    @Test("a sampler's items say which dataset, size and set they are of")
    func batchItems() throws {
        var regularisation = TestClips.rules("/more")
        regularisation.isRegularisation = true
        regularisation.repeats = 2
        let clips = [TestClips.clip("a.mp4", TestClips.video())]
        let plan = try ClipPlan([
            ClipIndex(rules: TestClips.rules(), clips: clips),
            ClipIndex(rules: regularisation, clips: clips),
        ])
        let items = plan.batchItems
        #expect(items.map(\.bucketKey) == ["672x384x81@24.0", "672x384x81@24.0"])
        #expect(items.map(\.isRegularisation) == [false, true])
        #expect(items.map(\.repeats) == [1, 2])
        #expect(items[0].identity != items[1].identity)
    }

    @Test("the source is scaled before its bucket is chosen")
    func scaled() throws {
        var rules = TestClips.rules()
        rules.scale = 0.25
        let plan = try plan([TestClips.clip("a.mp4", TestClips.video())], rules)
        #expect(plan.items[0].bucketKey == "480x256x81")
        rules.scale = 4
        let enlarged = try self.plan(
            [TestClips.clip("a.mp4", TestClips.video(width: 160, height: 96))],
            rules
        )
        #expect(enlarged.items[0].bucketKey == "640x384x81")
        #expect(enlarged.notes.map(\.note.description) == ["enlarged: 4.00x"])
    }

    @Test("voice is counted once, whatever copies are made of it")
    func voice() throws {
        var rules = TestClips.rules()
        rules.resolutions = [256, 512]
        rules.flipX = true
        // The first clip gives two windows that overlap.
        let plan = try plan(
            [
                TestClips.clip("a.mp4", TestClips.video(seconds: 5.875)),
                TestClips.clip("b.mp4", TestClips.video()),
                TestClips.clip("c.mp4", TestClips.video(hasSound: false)),
                TestClips.clip("d.png", TestClips.image),
            ],
            rules
        )
        #expect(abs(plan.totals.voiceSeconds - (5.875 + 3.375)) < 1e-9)
        #expect(plan.totals.clipsWithSound == 2)
        #expect(plan.totals.clipsWithoutSound == 1)
        #expect(plan.notes.map(\.note).contains(.noSound))
    }

    @Test("images in a video set are windows of one picture without sound")
    func images() throws {
        let plan = try plan([TestClips.clip("d.png", TestClips.image)])
        #expect(plan.items[0].bucketKey == "576x448x1")
        #expect(plan.items[0].audio == nil)
        #expect(plan.items[0].latentShape[1] == 1)
        #expect(plan.description.contains("sound is not used"))
    }

    @Test("a set without a usable clip stops the plan and says why")
    func nothing() {
        let error = #expect(throws: ClipDataError.self) {
            try plan([TestClips.clip("a.mp4", TestClips.video(seconds: 0.2))])
        }
        #expect(
            error?.description == """
                datasets[0] /clips: none of its 1 files can be used: a.mp4: 0.17 s is too short, 9 \
                frames at 24 fps need 0.38 s; remove it or join it with its neighbour; add clips
                """
        )
        let empty = #expect(throws: ClipDataError.self) { try plan([]) }
        #expect(
            empty?.description
                == "datasets[0] /clips: holds no video or image, should hold one at least; add clips"
        )
        let images = #expect(throws: ClipDataError.self) {
            try ClipPlan([
                ClipIndex(rules: DatasetRules(path: "/clips"), clips: [], ignoredVideos: 2)
            ])
        }
        #expect(images?.fix == "set num_frames to 81 to use its videos")
    }

    @Test("a random crop stays where it fell, moves with the seed and lies inside")
    func randomCrop() throws {
        var rules = TestClips.rules()
        rules.cropsSquare = true
        rules.cropsAtRandom = true
        let clips = (0..<8).map { TestClips.clip("\($0).mp4", TestClips.video()) }
        let index = ClipIndex(rules: rules, clips: clips)
        let first = try ClipPlan([index], seed: 1)
        #expect(try ClipPlan([index], seed: 1) == first)
        let offsets = first.items.map(\.bucket.cropX)
        #expect(Set(offsets).count > 4)
        #expect(try ClipPlan([index], seed: 2).items.map(\.bucket.cropX) != offsets)
        #expect(
            first.items.allSatisfy { $0.bucket.cropX + $0.bucket.width <= $0.bucket.scaledWidth }
        )
    }

    @Test("the summary reads at a glance")
    func summary() throws {
        var rules = TestClips.rules()
        rules.windows.frameCount = 80
        let clips = [
            TestClips.clip("a.mp4", TestClips.video(seconds: 73.0 / 24)),
            TestClips.clip("b.mp4", TestClips.video(seconds: 73.0 / 24, hasSound: false)),
            TestClips.clip("c.mp4", TestClips.video(seconds: 0.2)),
            TestClips.clip("d.png", TestClips.image),
        ]
        let index = ClipIndex(rules: rules, clips: clips)
        #expect(
            try ClipPlan([index]).description == """
                3 clips, 3 items per epoch
                1 clip with sound, 3 seconds; 1 without
                  dataset      size     frames  fps  video latents      audio  items
                  datasets[0]  672x384  73      24   [128, 10, 12, 21]  76     2
                  datasets[0]  576x448  1       -    [128, 1, 14, 18]   -      1
                datasets[0]: num_frames 80 is not 8k + 1: 73 is used
                no sound: b.mp4
                not used: c.mp4: 0.17 s is too short, 9 frames at 24 fps need 0.38 s; remove it or \
                join it with its neighbour
                """
        )
    }

    @Test("a thousand odd clips do not make the summary long")
    func longSummary() throws {
        let clips = (0..<1000).map { number in
            TestClips.clip(
                "\(number).mp4",
                TestClips.video(
                    seconds: number % 3 == 0 ? 0.1 : Double(number % 50) / 3 + 1,
                    width: 200 + number,
                    height: 900 - number / 2,
                    hasSound: number % 5 > 0
                )
            )
        }
        let lines = try plan(clips).description.split(separator: "\n")
        #expect(lines.count <= 25)
        #expect(lines.contains { $0.contains("and 328 more files that are not used") })
    }
}
