import Testing

@testable import ClipData

@Suite struct WindowTests {
    private func clip(_ frames: Int, at rate: Double = 24) -> ClipFacts {
        ClipFacts(width: 640, height: 480, frameCount: frames, frameRate: rate)
    }

    private func rules(_ frames: Int, fps: Double = 24) -> WindowRules {
        WindowRules(frameCount: frames, rate: fps)
    }

    @Test("a clip of the asked length is one window in real time")
    func exact() {
        let choice = rules(81).windows(for: clip(81))
        #expect(choice.windows == [Window(start: 0, frameCount: 81, rate: 24)])
        #expect(choice.notes.isEmpty)
        #expect(choice.windows[0].seconds == 3.375)
        #expect(choice.windows[0].frameTimes[80] == 80.0 / 24)
    }

    @Test("a long clip becomes windows one after the other, and the plan says it is not squeezed")
    func consecutive() {
        let choice = rules(81).windows(for: clip(3 * 81))
        #expect(choice.windows.map(\.start) == [0, 3.375, 6.75])
        #expect(choice.windows.allSatisfy { abs($0.stretch - 1) < 1e-12 })
        #expect(choice.notes == [.keptRealTime(1.0 / 3)])
    }

    @Test("a last window overlaps only to reach the end, and only for more new than old")
    func overlap() {
        let much = rules(81).windows(for: clip(81 + 60))
        #expect(much.windows.map(\.start) == [0, 60.0 / 24])
        let little = rules(81).windows(for: clip(81 + 30))
        #expect(little.windows.map(\.start) == [0])
        #expect(little.notes.contains(.unusedTail(1.25)))
    }

    @Test("the cap spreads its windows over the whole clip")
    func capped() {
        var rules = rules(25)
        rules.mostPerClip = 3
        let choice = rules.windows(for: clip(250))
        #expect(choice.windows.map(\.start) == [0, 112.0 / 24, 225.0 / 24])
        #expect(choice.notes.contains(.capped(windows: 3, fitting: 10)))
    }

    @Test("windows begin on a picture, so that sound and picture begin together")
    func onPictures() {
        let rate = 30000.0 / 1001
        let choice = rules(81).windows(for: clip(400, at: rate))
        #expect(choice.windows.count > 2)
        for window in choice.windows {
            let picture = window.start * rate
            #expect(abs(picture - picture.rounded()) < 1e-6)
            #expect(window.start + window.seconds <= 400 / rate + 0.5 / 24)
        }
    }

    @Test("a number of pictures that is not 8k + 1 is snapped down", arguments: [80, 79, 73])
    func snapped(frames: Int) {
        #expect(rules(frames).windows(for: clip(100)).windows[0].frameCount == 73)
    }

    @Test("a clip a little too short is slowed by up to 3 %, sound and picture alike")
    func slightlyShort() {
        let choice = rules(81).windows(for: clip(79))
        #expect(choice.windows.count == 1)
        let window = choice.windows[0]
        #expect(window.frameCount == 81)
        #expect(window.seconds == 79.0 / 24)
        #expect(choice.notes.map(\.description) == ["speed changed: to 97.5 %"])
        #expect(window.frameTimes.last.map { $0 < 79.0 / 24 } == true)
    }

    @Test("a clip more than 3 % too short keeps its speed and gives fewer pictures")
    func short() {
        let choice = rules(81).windows(for: clip(60))
        #expect(choice.windows == [Window(start: 0, frameCount: 57, rate: 24)])
        #expect(choice.notes == [.shorter(frames: 57, asked: 81)])
    }

    @Test("a clip without nine pictures is refused with its length and the least")
    func refused() {
        let choice = rules(81).windows(for: clip(7))
        #expect(choice.windows.isEmpty)
        #expect(
            choice.refusal == """
                0.29 s is too short, 9 frames at 24 fps need 0.38 s; remove it or join it with \
                its neighbour
                """
        )
        #expect(rules(81).windows(for: clip(0)).refusal != nil)
    }

    @Test("stretching is done where the run file asks for it, and told")
    func stretched() {
        var rules = rules(81)
        rules.stretches = true
        let choice = rules.windows(for: clip(162))
        #expect(choice.windows.count == 1)
        #expect(choice.windows[0].seconds == 6.75)
        #expect(choice.windows[0].stretch == 0.5)
        #expect(choice.notes == [.stretched(0.5)])
    }

    @Test(
        "a clip of another rate is read at the set's rate in its own time",
        arguments: [23.976, 25, 29.97, 50, 60]
    )
    func otherRate(rate: Double) {
        let choice = rules(25).windows(for: clip(Int(rate * 1.5), at: rate))
        #expect(choice.windows[0].seconds == 25.0 / 24)
        #expect(choice.windows[0].frameTimes[24] == 1)
    }

    @Test(
        "auto_frame_count takes what fits from the start",
        arguments: [(81, 24.0, 81), (80, 24, 73), (200, 25, 185), (90, 30, 65)]
    )
    func wholeClip(frames: Int, rate: Double, expected: Int) {
        let rules = WindowRules(rate: 24, takesWholeClip: true)
        let choice = rules.windows(for: clip(frames, at: rate))
        #expect(choice.windows == [Window(start: 0, frameCount: expected, rate: 24)])
    }

    @Test("auto_frame_count without trimming squeezes up to 3 %, and trims beyond")
    func squeezed() {
        let rules = WindowRules(rate: 24, takesWholeClip: true, trimsTail: false)
        let near = rules.windows(for: clip(80))
        #expect(near.windows.map(\.frameCount) == [81])
        #expect(near.notes == [.stretched(81.0 / 80)])
        let far = rules.windows(for: clip(79))
        #expect(far.windows == [Window(start: 0, frameCount: 73, rate: 24)])
        #expect(far.notes == [.keptRealTime(73.0 / 79)])
    }
}
