import Foundation
import Media
import Testing

@testable import ClipCutting

/// The files that cutting makes, moves and leaves alone.
@Suite("Files of cut clips") struct CutterTests {
    private let clips: MadeClips
    private let path: String

    init() throws {
        clips = try MadeClips()
        path = try clips.clip("a.mp4", seconds: 3)
        try clips.write("ohwx laughs", to: "a.txt")
    }

    private func trim(
        _ from: Double = 0.5,
        _ to: Double? = 2,
        _ output: String? = nil,
        replaces: Bool = false
    ) throws -> CutReport {
        try ClipCutter(path: path).trim(from: from, to: to, output: output, replaces: replaces)
    }

    private let thirds = [0..<24, 24..<48, 48..<72]

    private func split(stem: String? = nil, replaces: Bool = false) throws -> CutReport {
        let cutter = try ClipCutter(path: path)
        let pieces = thirds.compactMap { ClipPiece(edges: $0, of: cutter.reader.pictureEdges) }
        return try cutter.split(PiecePlan(pieces: pieces), stem: stem, replaces: replaces)
    }

    @Test("a trimmed clip lies beside the clip, with its caption; the clip stays as it is")
    func trimmed() throws {
        let before = FileManager.default.contents(atPath: path)
        let report = try trim()
        #expect(clips.names() == ["a-trim.mp4", "a-trim.txt", "a.mp4", "a.txt"])
        #expect(clips.text("a-trim.txt") == "ohwx laughs")
        #expect(FileManager.default.contents(atPath: path) == before)
        let info = try MediaProbe.probe(clips.path("a-trim.mp4"))
        #expect(info.video?.frameCount == 36 && abs(info.duration - 1.5) < 1e-9)
        #expect(report.pieces.map(\.pictures) == [36] && abs(report.pieces[0].from - 0.5) < 1e-9)
        #expect(report.pieces[0].file == clips.path("a-trim.mp4") && report.original == nil)
        #expect(try trim().pieces[0].file == clips.path("a-trim-2.mp4"))
    }

    @Test("a clip that is replaced lies in .originals with its caption, and is never lost")
    func replaced() throws {
        let before = FileManager.default.contents(atPath: path)
        let report = try trim(replaces: true)
        #expect(clips.names() == [".originals", "a.mp4", "a.txt"])
        #expect(clips.names(".originals") == ["a.mp4", "a.txt"])
        #expect(FileManager.default.contents(atPath: clips.path(".originals/a.mp4")) == before)
        #expect(report.original == clips.path(".originals/a.mp4"))
        #expect(try MediaProbe.probe(path).video?.frameCount == 36)
        _ = try trim(0, 1, replaces: true)
        #expect(clips.names(".originals") == ["a-2.mp4", "a-2.txt", "a.mp4", "a.txt"])
    }

    @Test("pieces are numbered, each with the caption; sound and pictures add up to the clip")
    func pieces() throws {
        let report = try split()
        #expect(
            clips.names() == [
                "a-01.mp4", "a-01.txt", "a-02.mp4", "a-02.txt", "a-03.mp4", "a-03.txt", "a.mp4",
                "a.txt",
            ]
        )
        #expect(report.pieces.map(\.pictures) == [24, 24, 24])
        for name in ["a-01", "a-02", "a-03"] {
            let info = try MediaProbe.probe(clips.path(name + ".mp4"))
            #expect(info.video?.frameCount == 24 && abs((info.audio?.duration ?? 0) - 1) < 1e-3)
            #expect(clips.text(name + ".txt") == "ohwx laughs")
        }
        #expect(try split().pieces[0].file == clips.path("a-2-01.mp4"))
    }

    @Test("a clip replaced by pieces goes to .originals with its caption")
    func replacedByPieces() throws {
        _ = try split(stem: clips.path("b"), replaces: true)
        #expect(clips.names(".originals") == ["a.mp4", "a.txt"])
        #expect(
            clips.names().filter { $0.hasSuffix(".mp4") } == ["b-01.mp4", "b-02.mp4", "b-03.mp4"]
        )
        #expect(!clips.names().contains("a.txt"))
    }

    @Test("no file is overwritten")
    func taken() throws {
        try clips.write("mine", to: "b.mp4")
        try clips.write("mine", to: "c-02.txt")
        #expect(
            fault { try trim(0, 1, clips.path("b.mp4")) }
                == "\(clips.path("b.mp4")): exists and is not overwritten; name another with -o, or move "
                + "it away"
        )
        #expect(
            fault { try split(stem: clips.path("c")) }.hasPrefix(
                clips.path("c-02.txt") + ": exists"
            )
        )
        #expect(clips.text("b.mp4") == "mine" && clips.text("c-02.txt") == "mine")
        #expect(
            fault { try trim(0, 1, clips.path("b.mov")) }
                == "\(clips.path("b.mov")): should end in .mp4, which is what is written; name the file so"
        )
    }

    @Test("work that is ended leaves nothing behind")
    func ended() throws {
        struct Stop: Error {}
        let cutter = try ClipCutter(path: path)
        let pieces = thirds.compactMap { ClipPiece(edges: $0, of: cutter.reader.pictureEdges) }
        #expect(throws: Stop.self) {
            _ = try cutter.split(PiecePlan(pieces: pieces), stem: nil, replaces: true) {
                number,
                _,
                _ in
                if number == 2 { throw Stop() }
            }
        }
        #expect(throws: Stop.self) {
            _ = try cutter.trim(from: 0, to: 1, output: nil, replaces: true) { _, _, _ in
                throw Stop()
            }
        }
        #expect(clips.names() == ["a.mp4", "a.txt"])
    }

    @Test("times outside of the clip are told")
    func times() throws {
        #expect(
            fault { try trim(3, 4) }
                == "--from: is 3 s and \(path) lasts from 0 s to 3 s; name a time in the clip"
        )
        #expect(
            fault { try trim(1, 3.5) }
                == "--to: is 3.5 s and \(path) ends at 3 s; name a time in the clip, or leave it out for "
                + "its end"
        )
        #expect(
            fault { try trim(1, 1.01) }
                == "--from and --to: are 1 s and 1.01 s, and no picture lies between; name a later time "
                + "with --to"
        )
        #expect(
            fault { try ClipCutter(path: path).split(PiecePlan(), stem: nil, replaces: false) }
                == "\(path): has no stretch of an allowed length; lower --min or raise --max"
        )
    }

    private func fault(_ body: () throws -> CutReport) -> String {
        do { return "no error: \(try body())" } catch { return "\(error)" }
    }
}
