import Testing

@testable import ClipData

/// Clips that are measured and never trained on.
@Suite("Held-out clips") struct HeldOutClipsTests {
    private func clips(_ sounding: Int, silent: Int = 0) -> [Clip] {
        (0..<sounding).map { TestClips.clip("voice\($0).mp4", TestClips.video()) }
            + (0..<silent).map { TestClips.clip("mute\($0).mp4", TestClips.video(hasSound: false)) }
    }

    private func names(_ indexes: [ClipIndex]) -> [String] {
        indexes.flatMap { $0.clips.map(\.name) }
    }

    @Test("a share takes as many clips with sound as without, by their bytes alone")
    func share() throws {
        let index = ClipIndex(rules: TestClips.rules(), clips: clips(10, silent: 5))
        let division = try ClipDivision([index], by: .share(0.2))
        let held = names(division.heldOut)
        #expect(
            held.count { $0.hasPrefix("voice") } == 2 && held.count { $0.hasPrefix("mute") } == 1
        )
        #expect(Set(held).isDisjoint(with: names(division.training)))
        #expect(names(division.training).count == 12)
        let other = ClipIndex(rules: TestClips.rules(), clips: clips(10, silent: 5).reversed())
        #expect(Set(names(try ClipDivision([other], by: .share(0.2)).heldOut)) == Set(held))
    }

    @Test("two clips with sound are enough to hold one out, one alone is trained on")
    func few() throws {
        let two = ClipIndex(rules: TestClips.rules(), clips: clips(2))
        #expect(names(try ClipDivision([two], by: .share(0.05)).heldOut).count == 1)
        #expect(names(try ClipDivision([two], by: .share(0.95)).heldOut).count == 1)
        let one = ClipIndex(rules: TestClips.rules(), clips: clips(1))
        #expect(try ClipDivision([one], by: .share(0.5)).heldOut.isEmpty)
    }

    @Test("a clip is held out of every dataset it is in, but regularisation sets stay whole")
    func copies() throws {
        var regularisation = TestClips.rules("/more")
        regularisation.isRegularisation = true
        let all = clips(4)
        let division = try ClipDivision(
            [
                ClipIndex(rules: TestClips.rules(), clips: all),
                ClipIndex(rules: TestClips.rules("/copy"), clips: all),
                ClipIndex(rules: regularisation, clips: all),
            ],
            by: .share(0.25)
        )
        #expect(division.training.map(\.clips.count) == [3, 3, 4])
        #expect(division.heldOut.map(\.clips.count) == [1, 1])
    }

    @Test("clips can be named with or without their ending; a wrong name is told")
    func named() throws {
        let index = ClipIndex(rules: TestClips.rules(), clips: clips(3))
        let division = try ClipDivision([index], by: .named(["voice1", "voice2.mp4"]))
        #expect(names(division.training) == ["voice0.mp4"])
        let wrong = #expect(throws: ClipDataError.self) {
            try ClipDivision([index], by: .named(["voice9"]))
        }
        #expect(
            wrong?.description == "train.held_out: no clip is called voice9, should be one of the "
                + "datasets' clips; write its name as the plan shows it"
        )
        let all = #expect(throws: ClipDataError.self) {
            try ClipDivision([index], by: .named(["voice0", "voice1", "voice2"]))
        }
        #expect(
            all?.description
                == "datasets[0]: all of its clips are held out, should leave some to train "
                + "on; hold out fewer clips"
        )
    }

    @Test("a copy of a training clip in the held-out folder is measured and not trained on")
    func copyInFolder() {
        let training = ClipIndex(rules: TestClips.rules(), clips: clips(4))
        let held = ClipIndex(rules: TestClips.rules("/held"), clips: Array(clips(1)))
        let division = ClipDivision(training: [training], heldOut: [held])
        #expect(names(division.training) == ["voice1.mp4", "voice2.mp4", "voice3.mp4"])
        #expect(names(division.heldOut) == ["voice0.mp4"])
    }

    @Test("what is measured is taken as it is: once, at one size, without flips or other captions")
    func measured() throws {
        var rules = TestClips.rules()
        rules.resolutions = [512, 256]
        rules.flipX = true
        rules.repeats = 5
        rules.imageToVideoProbability = 0.5
        rules.captionVariation.captionDropoutRate = 0.3
        let division = try ClipDivision(
            [ClipIndex(rules: rules, clips: clips(4))],
            by: .share(0.25)
        )
        let plan = try ClipPlan(division.heldOut)
        #expect(plan.items.count == 1 && plan.totals.itemsPerEpoch == 1)
        #expect(plan.items[0].bucketKey == "672x384x81" && !plan.items[0].needsFirstFrame)
        #expect(try ClipPlan(division.training).items.count == 12)
    }

    @Test("sets with another strength of the adapters share no batch with the rest")
    func strength() throws {
        var weak = TestClips.rules("/weak")
        weak.networkWeight = 0.5
        let plan = try ClipPlan([
            ClipIndex(rules: TestClips.rules(), clips: clips(1)),
            ClipIndex(rules: weak, clips: clips(1)),
        ])
        #expect(plan.batchItems.map(\.bucketKey) == ["672x384x81@24.0", "672x384x81@24.0*0.5"])
    }
}
