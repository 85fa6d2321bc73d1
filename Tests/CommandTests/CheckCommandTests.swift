import Foundation
import Testing

/// `likeness check` as its user meets it.
@Suite("likeness check", .serialized) struct CheckCommandTests {
    private let folder: ScratchFolder
    private let likeness: LikenessProgram

    init() throws {
        folder = try ScratchFolder()
        likeness = LikenessProgram(folder: folder)
    }

    private func prepare(_ text: String) async throws {
        try folder.copyClips("01", "04")
        _ = try await likeness.run("tiny", "model")
        try folder.write(text, to: "job.yaml")
    }

    @Test(
        "a small set is doubtful or hopeless, with reasons, and nothing is left behind but the page"
    )
    func small() async throws {
        try await prepare(runFile(steps: 5))
        let outcome = try await likeness.run("check", "job.yaml", "--report", "check.html")
        #expect(outcome.status == 2, "\(outcome.errors)")
        #expect(outcome.output.contains("01-greeting.mp4") && outcome.output.contains("LUFS"))
        #expect(outcome.output.contains("Will learn the face:  doubtful"))
        #expect(outcome.output.contains("Will learn the voice: no"))
        #expect(outcome.output.contains("3 to 6 minutes are reported to work"))
        #expect(!outcome.output.contains("\u{1B}") && !folder.exists("out"))
        let page = try String(contentsOfFile: folder.path + "/check.html", encoding: .utf8)
        #expect(page.contains("<article") && page.contains("data:image/png;base64,"))
    }

    @Test("--json prints one object and nothing else")
    func json() async throws {
        try await prepare(runFile(steps: 5))
        let outcome = try await likeness.run("check", "job.yaml", "--json")
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        let review = try #require(object as? [String: Any])
        #expect(review["schema"] as? Int == 1 && review["voice"] as? String == "no")
        #expect((review["clips"] as? [Any])?.count == 2)
        // Counted for the whole process, so it can be told only where no other test runs in it.
        #expect((review["memory_bytes"] as? Double ?? 0) > 0)
    }

    @Test("faults of the run file are told as train tells them, exit status 64")
    func faults() async throws {
        try await prepare(runFile(steps: 5, train: "lr_schedular: cosine"))
        let outcome = try await likeness.run("check", "job.yaml")
        #expect(outcome.status == 64 && outcome.output.isEmpty)
        #expect(
            outcome.errors.contains(
                #"train.lr_schedular: unknown key; did you mean "lr_scheduler"?"#
            )
        )
    }
}
