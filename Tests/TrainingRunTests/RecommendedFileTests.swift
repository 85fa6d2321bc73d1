import Foundation
import RunConfig
import Testing
import Training
import TrainingRun
import Verification

/// The run file that users were told to use, on a folder as diffusers lays it out.
@Suite("The recommended run file", .serialized) struct RecommendedFileTests {
    @Test("runs unchanged but for its paths, and says what is done in another way")
    func runs() async throws {
        let scene = try RunScene()
        try scene.addClips(2)
        let fixture =
            (#filePath as NSString).deletingLastPathComponent
            + "/../RunConfigTests/Fixtures/recommended.yaml"
        let text = try String(contentsOfFile: fixture, encoding: .utf8)
            .replacingOccurrences(of: "output/my_character", with: scene.folder + "/out")
            .replacingOccurrences(of: "/path/to/your/video/clips", with: scene.folder + "/clips")
            .replacingOccurrences(of: "Lightricks/LTX-2", with: Recordings.path("ltx20_diffusers"))
        var file = try RunFile.parse(text: text, fileName: "job.yaml")
        file.process.train.steps = 2

        let plan = try await RunPlanner(file).plan()
        for words in [
            "adamw8bit, ", "blocks in float8, the rest and activations in bfloat16",
            "1 of 512x320x81, every 250 steps", "device: cuda:0",
            "56 layers", "face and voice",
        ] {
            #expect(plan.summary.contains(words), "\(words)")
        }
        file.process.train.disableSampling = true  // of such a size they take a minute here
        let short = try await RunPlanner(file).plan()
        let result = try await RunExecutor(short, stop: StopRequest()).run()
        #expect(result.step == 2)
        #expect(scene.bytes(result.adapter) != nil)
    }
}
