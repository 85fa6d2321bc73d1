import ClipCache
import Foundation
import LTXModel
import Media
import Testing
import Torch
import TrainingRun

@testable import Preflight

/// Cached latents that are decoded again.
@Suite("Looking at caches", .serialized) struct CacheViewTests {
    /// Encodes one example with the tiny model; returns its entries.
    private func encoded(_ scene: CheckScene) async throws -> [String] {
        try scene.addExamples(1)
        try await scene.prepare()
        let clips = try FileManager.default.contentsOfDirectory(atPath: scene.folder + "/clips")
        let clip = try #require(clips.first { $0.hasSuffix(".mp4") })
        return LatentCache.entries(ofClip: "\(scene.folder)/clips/\(clip)")
    }

    private func clip(_ scene: CheckScene) throws -> String {
        let clips = try FileManager.default.contentsOfDirectory(atPath: scene.folder + "/clips")
        return "\(scene.folder)/clips/" + (try #require(clips.first { $0.hasSuffix(".mp4") }))
    }

    @Test(
        "an entry becomes a movie of the window's length; losses are those of decoding it by hand"
    )
    func movie() async throws {
        let scene = try CheckScene()
        let entry = try #require(try await encoded(scene).first)
        let cached = try CachedClip(path: entry)
        let checkpoint = try Checkpoint(path: cached.checkpoint)
        let view = CacheView(checkpoint, device: .cpu, folder: scene.folder)
        let finding = try view.look(at: entry, clip: clip(scene))
        #expect(finding.remarks == [])
        let info = try ClipReader(path: finding.movie).info
        #expect(info.video?.frameCount == cached.clip.pixelFrames && info.audio != nil)

        let source = try ClipReader(path: clip(scene)).frames(
            at: cached.key.frameTimes,
            geometry: FrameGeometry(cached.key.geometry)
        )
        let expected = try withTorchErrors {
            let latent = Tensor(cached.clip.video.values, shape: [1] + cached.clip.video.shape)
            let frames = try checkpoint.videoDecoder(device: .cpu).decode(latent)
            let decoded = ((frames + 1) * 127.5).clamped(0, 255)
            let bytes = source.bytes.map { Float($0) }
            let shape = [1, source.frameCount, source.height, source.width, 3]
            let original = Tensor(bytes, shape: shape).permute(0, 4, 1, 2, 3)
            let error = (decoded - original).power(2).mean().item()
            return 10 * log10(255 * 255 / error)
        }
        // By hand nothing is rounded to bytes.
        #expect(abs(try #require(finding.psnr) - expected) < 0.05)
        let plan = try await scene.plan()
        let decodeBack = DecodeBackTest(plan: plan, checkpoint: checkpoint, count: 1).run()
        #expect(decodeBack.sounds.first?.snr == finding.snr)
    }

    @Test(
        "latents of other weights are shown, and the remark says so; without the clip nothing is compared"
    )
    func otherWeights() async throws {
        let scene = try CheckScene()
        let entry = try #require(try await encoded(scene).first)
        let view = try CacheView(
            Checkpoint(path: CheckScene.recording),
            device: .cpu,
            folder: scene.folder
        )
        let finding = try view.look(at: entry, clip: nil)
        #expect(finding.psnr == nil && finding.snr == nil)
        #expect(finding.remarks.first?.hasPrefix("it was encoded by other weights (") == true)
    }
}
