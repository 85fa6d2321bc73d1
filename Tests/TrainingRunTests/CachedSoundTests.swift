import Foundation
import RunConfig
import Testing
import Training
import TrainingRun

/// Sound that the cache holds and the run file does not ask for.
@Suite("Cached sound", .serialized) struct CachedSoundTests {
    @Test("do_audio: false leaves out sound that an earlier run put into the cache")
    func notAskedFor() async throws {
        let scene = try RunScene()
        try scene.addClips(1)
        try await scene.train(scene.runFile(1, name: "first"))
        let (loud, quiet) = (scene.folder + "/clips", scene.folder + "/quiet")
        try FileManager.default.moveItem(atPath: loud, toPath: quiet)
        try FileManager.default.createDirectory(
            atPath: loud,
            withIntermediateDirectories: false
        )
        try scene.addClip("rain.mp4", sound: ["-c:a", "copy"])

        var file = try scene.runFile(4, name: "second")
        var muted = file.process.datasets[0]
        muted.folderPath = quiet
        muted.doAudio = false
        file.process.datasets.append(muted)
        let count = PreparationCount()
        try await scene.train(file) { count.count($0) }
        #expect(count.clips == 1)
        // -1 stands for a step without sound: each clip comes twice, and only one has sound.
        #expect(try scene.losses("second").filter { $0[1] >= 0 }.count == 2)
    }
}
