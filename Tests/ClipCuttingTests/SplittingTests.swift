import Foundation
import Media
import Testing

@testable import ClipCutting

/// Where clips are split, on clips whose pauses and scenes are known because they are made.
@Suite("Splitting clips") struct SplittingTests {
    private func plan(
        _ path: String,
        _ rule: SplitRule,
        _ lengths: ClosedRange<Double>
    ) throws -> PiecePlan {
        try ClipSplitting(ClipReader(path: path), by: rule, lengths: lengths).plan()
    }

    @Test("by silence, cuts go through the middle of each long pause")
    func silence() throws {
        let clips = try MadeClips()
        let (path, pauses) = try clips.talk("talk.mp4", pauses: [0.5, 1.2, 0.9, 0.5])
        let plan = try plan(path, .silence, 2...8)
        #expect(plan.leftOut.isEmpty && plan.pieces.count == 3)
        for (piece, pause) in zip(plan.pieces.dropFirst(), pauses.dropFirst()) {
            let middle = (pause.lowerBound + pause.upperBound) / 2
            // Half a picture, and what the voice fades into the pause.
            #expect(abs(piece.start - middle) < 0.15, "\(piece.start) of \(pause)")
        }
        for (one, next) in zip(plan.pieces, plan.pieces.dropFirst()) {
            #expect(one.pictures.upperBound == next.pictures.lowerBound)
        }
    }

    @Test("a pause that is short is used where a piece would be too long, and not before")
    func shortPause() throws {
        let clips = try MadeClips()
        let (path, pauses) = try clips.talk("talk.mp4", pauses: [0.3, 0.4, 0.3])
        #expect(try plan(path, .silence, 1...20).pieces.count == 1)
        let half = pauses[2].upperBound * 0.75
        let pieces = try plan(path, .silence, 1...half).pieces
        #expect(pieces.count == 2)
        #expect(pauses[1].contains(try #require(pieces.last).start))
    }

    @Test("every piece has an allowed length, also where nobody pauses")
    func lengths() throws {
        let clips = try MadeClips()
        for tone in [0, 440] {
            let path = try clips.clip("tone-\(tone).mp4", seconds: 21, tone: tone)
            let plan = try plan(path, .scene, 2...8)
            #expect(plan.leftOut.isEmpty && plan.pieces.count == 3)
            #expect(plan.pieces.allSatisfy { (2...8).contains($0.seconds) })
            // Equal but for the places where cuts are allowed.
            #expect(plan.pieces.allSatisfy { abs($0.seconds - 7) < 1 })
            #expect(plan.pieces.reduce(0) { $0 + $1.pictures.count } == 504)
        }
    }

    @Test("by scene, each change is a cut, and a scene that is too short is left out")
    func scene() throws {
        let clips = try MadeClips()
        let filter =
            "testsrc2=s=96x64:r=24:d=2.5[a];smptebars=s=96x64:r=24:d=1[b];"
            + "mandelbrot=s=96x64:r=24[m];[m]trim=duration=3,setsar=1[c];[a][b][c]concat=n=3:v=1"
        try clips.run(
            "ffmpeg",
            [
                "-v", "error", "-f", "lavfi", "-i", filter, "-pix_fmt", "yuv420p",
                clips.path("s.mp4"),
            ]
        )
        let plan = try plan(clips.path("s.mp4"), .scene, 2...8)
        #expect(plan.pieces.map(\.pictures) == [0..<60, 84..<156])
        #expect(plan.leftOut.map(\.pictures) == [60..<84])
    }

    @Test("what cannot be split is told")
    func faults() throws {
        let clips = try MadeClips()
        let mute = try clips.clip("mute.mp4", seconds: 3, tone: 0)
        #expect(
            fault { try plan(mute, .silence, 1...8) }
                == "\(mute): has no sound, and should be split by its silence; split it by scene"
        )
        #expect(
            fault { try plan(mute, .scene, 5...8) }
                == "\(mute): is 3 s long, and the shortest piece should be 5 s; lower --min, or leave "
                + "the clip whole"
        )
        #expect(
            fault { try plan(mute, .scene, 0...8) }
                == "--min and --max: are 0 s and 8 s, should be above 0 s and at most a day; leave them "
                + "out for 2 s and 8 s"
        )
    }

    private func fault(_ body: () throws -> PiecePlan) -> String {
        do { return "no error: \(try body())" } catch { return "\(error)" }
    }
}

/// The choice among places to cut.
@Suite("Plan of pieces") struct PiecePlanTests {
    private let edges = (0...240).map { Double($0) / 10 }  // 24 s, ten pictures a second

    private func plan(_ lengths: ClosedRange<Double>, _ points: [CutPoint]) -> [Range<Int>] {
        PiecePlanner(lengths: lengths, edges: edges).plan(0..<240, points).pieces.map(\.pictures)
    }

    private func points(_ places: KeyValuePairs<Double, Double>) -> [CutPoint] {
        places.map { CutPoint(seconds: $0.key, cost: $0.value) }
    }

    @Test("wanted cuts are made as far as the lengths allow")
    func wanted() {
        let wanted = points([4: -1, 9: -1, 10: -1.5, 16: -1])
        #expect(plan(2...12, wanted) == [0..<40, 40..<100, 100..<160, 160..<240])
    }

    @Test("unwanted cuts are made only for length, the cheapest first")
    func unwanted() {
        let unwanted = points([6: 20, 11: 1, 12: 20, 18: 2])
        #expect(plan(2...13, unwanted) == [0..<110, 110..<240])
        #expect(plan(2...30, unwanted) == [0..<240])
    }

    @Test("what no allowed piece can hold is left out and told")
    func leftOut() {
        let plan = PiecePlanner(lengths: 5...10, edges: edges).plan(
            0..<240,
            points([10: 0, 20: 0])
        )
        #expect(plan.pieces.map(\.pictures) == [0..<100, 100..<200])
        #expect(plan.leftOut.map(\.pictures) == [200..<240])
    }
}
