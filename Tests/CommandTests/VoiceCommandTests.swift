import Foundation
import Testing

/// `likeness voice compare` as its user meets it.
@Suite("likeness voice") struct VoiceCommandTests {
    private let folder: ScratchFolder
    private let likeness: LikenessProgram

    init() throws {
        folder = try ScratchFolder()
        likeness = LikenessProgram(folder: folder)
        try folder.copyClips("01", "04")
    }

    private var model: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../TorchTests/Fixtures/speaker.pt").path
    }

    private var clips: [String] {
        folder.names(in: "clips").filter { $0.hasSuffix(".mp4") }.map { "clips/" + $0 }
    }

    @Test("a table says how far apart two files are, and that it is no speaker identity")
    func table() async throws {
        let outcome = try await likeness.run("voice", "compare", clips[0], clips[1])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.hasPrefix("spectral voice distance  "))
        for text in [
            "this is no speaker identity", "log-mel", "long-term spectrum", "nearest frames",
            "pitch", "brightness", "aligned, MCD", "voiced", "centroid", "Measured up to 7600 Hz.",
        ] { #expect(outcome.output.contains(text)) }
        #expect(!outcome.output.contains("speaker model"))
    }

    @Test("JSON holds every figure; a file is at 0 from itself, also for a speaker model")
    func json() async throws {
        let outcome = try await likeness.run(
            "voice",
            "compare",
            clips[0],
            clips[0],
            "--json",
            "--speaker-model",
            model
        )
        #expect(outcome.status == 0, "\(outcome.errors)")
        let object = try JSONSerialization.jsonObject(with: Data(outcome.output.utf8))
        let figures = try #require(object as? [String: Any])
        for name in [
            "distance", "logMelDistance", "longTermDistance", "nearestDistortion", "pitchDistance",
            "centroidDistance", "alignedDistortion", "alignedLogMelDistance",
        ] { #expect(figures[name] as? Double == 0, "\(name)") }
        #expect(abs(try #require(figures["speakerSimilarity"] as? Double) - 1) < 1e-6)
        let first = try #require(figures["first"] as? [String: Any])
        #expect(first["sounds"] as? Int == 1 && first["isSpeech"] as? Bool == true)
    }

    @Test("folders are compared as one voice each")
    func folders() async throws {
        let outcome = try await likeness.run("voice", "compare", "clips", clips[0])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("sounds                      2       1"))
    }

    @Test("what cannot be compared is told")
    func failures() async throws {
        let absent = try await likeness.run("voice", "compare", clips[0], "nowhere.wav")
        #expect(absent.status == 65)
        #expect(absent.errors.contains("nowhere.wav: there is no file that can be read"))
        let script = try await likeness.run(
            "voice",
            "compare",
            clips[0],
            clips[1],
            "--speaker-model",
            clips[0]
        )
        #expect(script.status == 65)
        #expect(script.errors.contains("this is no TorchScript file that can be loaded"))
    }
}
