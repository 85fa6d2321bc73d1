import CharacterTrial
import Foundation
import Testing

/// Two characters trained as any run trains, and merged; `make bench-merge` runs the longer trial.
@Suite("Face of one, voice of the other") struct CharacterTrialTests {
    @Test(
        "picked, one's picture comes with the other's tone; calibrated, each answers to its trigger better than a sum"
    )
    func trial() async throws {
        let folder = NSTemporaryDirectory() + "likeness-trial-\(UUID().uuidString)"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        var sizes = CharacterTrial.Sizes()
        (sizes.worldSteps, sizes.steps, sizes.seeds, sizes.clips) = (700, 300, 6, 2)
        let scores = try await CharacterTrial(folder: folder, sizes: sizes).run()
        #expect(scores.failures == [], "\n\(scores)")
        let (sum, calibrated) = (scores["sum"], scores["calibrated"])
        #expect((calibrated?.hits ?? 0) > (sum?.hits ?? 1), "\n\(scores)")
    }
}
