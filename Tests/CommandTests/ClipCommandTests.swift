import Foundation
import Testing

/// `likeness clip` as its user meets it.
@Suite("likeness clip") struct ClipCommandTests {
    private let folder: ScratchFolder
    private let likeness: LikenessProgram
    private let clip: String

    init() throws {
        folder = try ScratchFolder()
        likeness = LikenessProgram(folder: folder)
        try folder.copyClips("01")
        clip = folder.names(in: "clips").first { $0.hasSuffix(".mp4") }.map { "clips/" + $0 } ?? ""
    }

    @Test("a part of a clip becomes a file beside it")
    func trim() async throws {
        let outcome = try await likeness.run("clip", "trim", clip, "--from", "0.5", "--to", "1.5")
        #expect(outcome.status == 0, "\(outcome.errors)")
        let file = clip.replacing(".mp4", with: "-trim.mp4")
        #expect(folder.exists(file) && folder.exists(clip))
        #expect(outcome.output.hasPrefix("\(file): 0.5 s to 1.5 s, 1 s, "))
    }

    @Test("a dry run shows the pieces and writes none")
    func dryRun() async throws {
        let before = folder.names(in: "clips")
        let outcome = try await likeness.run(
            "clip",
            "split",
            clip,
            "--by",
            "silence",
            "--min",
            "0.5",
            "--max",
            "2",
            "--dry-run",
            "--json"
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        let report = try #require(object as? [String: Any])
        let pieces = try #require(report["pieces"] as? [[String: Any]])
        #expect(pieces.count > 1)
        for piece in pieces {
            let from = try #require(piece["from"] as? Double)
            let to = try #require(piece["to"] as? Double)
            #expect((0.499...2.001).contains(to - from) && piece["speech"] as? Double != nil)
        }
        #expect(folder.names(in: "clips") == before)
    }

    @Test("what cannot be cut ends with a sentence")
    func faults() async throws {
        let late = try await likeness.run("clip", "trim", clip, "--from", "900")
        #expect(late.status == 65)
        #expect(late.errors.hasPrefix("error: --from: is 900 s and \(clip) lasts from 0 s to "))
        let wrong = try await likeness.run(
            "clip",
            "split",
            clip,
            "--by",
            "scene",
            "--min",
            "5",
            "--max",
            "2"
        )
        #expect(wrong.status == 64)
        #expect(
            wrong.errors.contains("--min and --max: got 5 s and 2 s, expected 0 s < min <= max")
        )
    }
}
