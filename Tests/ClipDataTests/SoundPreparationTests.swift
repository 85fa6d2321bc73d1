import ClipCache
import Foundation
import Media
import Testing

@testable import ClipData

/// What happens to sound between file and encoder, and when it cannot be decoded.
@Suite struct SoundPreparationTests {
    private let scratch: ScratchFolder

    init() throws { scratch = try ScratchFolder() }

    private func plan(_ change: (inout DatasetRules) -> Void = { _ in }) async throws -> ClipPlan {
        var rules = DatasetRules(path: scratch.path)
        rules.resolutions = [96]
        rules.windows = WindowRules(frameCount: 25, rate: 24)
        rules.wantsSound = true
        change(&rules)
        return try ClipPlan([try await ClipIndex.scan(rules)], factors: BlockMeanEncoder.factors)
    }

    private func audio(_ item: PlannedItem) throws -> [Float] {
        let key = item.cacheKey(encoderFingerprint: "block-mean")
        return try #require(item.cache.load(key, needs: item.needs).value?.audio).values
    }

    /// A tone of half scale on the left, an eighth on the right.
    private let lopsided = "aevalsrc='0.5*sin(2*PI*500*t)|0.125*sin(2*PI*500*t)':s=44100"

    @Test("a mirrored picture has a mirrored stereo field")
    func mirrored() async throws {
        try FFmpegProgram.makeClip(
            scratch.file("a.mov"),
            colors: ["red", "red"],
            seconds: 1.1,
            sound: lopsided
        )
        let plan = try await plan { $0.flipX = true }
        _ = try ClipPreparation(plan).run(encoder: BlockMeanEncoder())
        let original = try audio(plan.items[0])
        let mirrored = try audio(plan.items[1])
        #expect(abs(original[20] - 0.5 * 2 / .pi) < 0.01)
        #expect(abs(original[21] - 0.125 * 2 / .pi) < 0.01)
        #expect(mirrored[20] == original[21] && mirrored[21] == original[20])
    }

    @Test("normalizing raises the clip's peak to 0.999 and keeps what is quiet quiet")
    func normalized() async throws {
        // Loud in the second half only, which the first window does not reach.
        try FFmpegProgram.makeClip(
            scratch.file("a.mov"),
            colors: ["red", "red", "red"],
            sound: "aevalsrc='(0.05+0.2*gte(t,1.5))*sin(2*PI*500*t)':s=48000"
        )
        let plan = try await plan { $0.normalizesSound = true }
        _ = try ClipPreparation(plan).run(encoder: BlockMeanEncoder())
        let quiet = try audio(plan.items[0])
        #expect(abs(quiet[20] - 0.05 * 4 * 2 / .pi) < 0.01)
        let last = try #require(plan.items.last)
        #expect(abs(try audio(last)[40] - 2 / .pi) < 0.02)
    }

    @Test("the sound of a stretched window is stretched with its pictures")
    func stretched() async throws {
        // The tone begins half way, whatever the speed.
        try FFmpegProgram.makeClip(
            scratch.file("a.mov"),
            colors: ["red", "red"],
            sound: "aevalsrc='0.5*sin(2*PI*500*t)*gte(t,1)':s=44100"
        )
        let plan = try await plan { $0.windows.stretches = true }
        #expect(plan.items.count == 1)
        #expect(plan.notes.map(\.note.description) == ["speed changed: to 192.0 %"])
        _ = try ClipPreparation(plan).run(encoder: BlockMeanEncoder())
        let values = try audio(plan.items[0])
        #expect(values.count == 26 * 2)
        #expect(values[..<26].allSatisfy { $0 < 0.01 })
        #expect(values[28...].allSatisfy { abs($0 - 0.5 * 2 / .pi) < 0.01 })
    }

    @Test("sound that cannot be decoded stops the run with all its files, unless it is allowed")
    func damaged() async throws {
        for name in ["a.mkv", "b.mkv", "c.mkv"] {
            try FFmpegProgram.makeClip(scratch.file(name), colors: ["red", "red"], seconds: 1.1)
        }
        for name in ["a.mkv", "c.mkv"] { try damageSound(of: scratch.file(name)) }
        let plan = try await plan()

        let encoder = BlockMeanEncoder()
        let error = #expect(throws: PreparationError.self) {
            try ClipPreparation(plan).run(encoder: encoder)
        }
        #expect(error?.report.failedSounds.map(\.name) == ["a.mkv", "c.mkv"])
        let lines = try #require(error?.description.split(separator: "\n"))
        #expect(
            lines[0] == """
                these clips have sound that cannot be decoded, all should be; export them again, \
                or write strict_audio_mode: false to train without their sound:
                """
        )
        #expect(lines.count == 3 && lines[1].hasPrefix("  a.mkv: "))

        let report = try ClipPreparation(plan, allowsFailedSound: true).run(encoder: encoder)
        #expect(
            report.description == """
                Video latent caching: 2 encoded, 0 failed, 1 from cache, 2 made anew
                Audio latent caching: 0 encoded, 2 failed, 0 without sound, 1 from cache
                """
        )
        let key = plan.items[0].cacheKey(encoderFingerprint: encoder.fingerprint)
        #expect(plan.items[0].cache.load(key).value?.audioStatus == .failed)
    }

    @Test("pictures that cannot be decoded stop the run; the other clips are cached")
    func damagedPictures() async throws {
        for name in ["a.mkv", "b.mkv"] {
            try FFmpegProgram.makeClip(scratch.file(name), colors: ["red", "red"], seconds: 1.1)
        }
        try damage(scratch.file("a.mkv"), stream: "v")
        let plan = try await plan()
        let error = #expect(throws: PreparationError.self) {
            try ClipPreparation(plan, allowsFailedSound: true).run(encoder: BlockMeanEncoder())
        }
        #expect(error?.report.failedWindows.map(\.name) == ["a.mkv"])
        #expect(error?.report.encodedWindows == 1)
        #expect(
            error?.description.hasPrefix(
                "these clips cannot be decoded, all should be; export or remove them:\n  a.mkv: "
            ) == true
        )
    }

    /// Exchanges PCM for FLAC, whose frames carry checksums, and overwrites them.
    private func damageSound(of path: String) throws {
        let flac = path + ".flac.mkv"
        try FFmpegProgram.run(
            "ffmpeg",
            ["-v", "error", "-i", path, "-c:v", "copy", "-c:a", "flac", flac]
        )
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.moveItem(atPath: flac, toPath: path)
        try damage(path, stream: "a")
    }

    private func damage(_ path: String, stream: String) throws {
        let listing = try FFmpegProgram.run(
            "ffprobe",
            ["-v", "error", "-select_streams", stream, "-show_entries", "packet=pos,size"]
                + ["-of", "csv=p=0", path]
        )
        var data = try Data(contentsOf: URL(fileURLWithPath: path))
        for line in listing.split(separator: "\n") {
            let numbers = line.split(separator: ",").compactMap { Int($0) }
            guard let size = numbers.first, let position = numbers.last, size > 16 else { continue }
            for offset in position + 12..<min(position + size, data.count) { data[offset] ^= 0x5A }
        }
        try data.write(to: URL(fileURLWithPath: path))
    }
}
