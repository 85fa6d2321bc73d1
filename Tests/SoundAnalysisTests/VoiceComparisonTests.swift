import Foundation
import Media
import Testing

@testable import SoundAnalysis

/// Distances of synthetic voices whose kinship is known.
@Suite struct VoiceComparisonTests {
    private static let sentences = [
        TestSounds.sentence,
        "We went to the market in the morning and bought bread, apples and a little cheese.",
        "Nobody knows how many people live behind these mountains, but some of them sing.",
    ]

    private func voice(_ name: String, _ sentence: Int) throws -> Waveform {
        try SoundTool.waveform(try SoundTool.voice(name, Self.sentences[sentence]))
    }

    private func converted(_ sound: Waveform, _ body: (Float) -> Float) -> Waveform {
        Waveform(sampleRate: sound.sampleRate, samples: sound.samples.map { $0.map(body) })
    }

    private func distance(_ a: Waveform, _ b: Waveform) throws -> VoiceComparison {
        VoiceComparison(try VoiceProfile(a), try VoiceProfile(b))
    }

    @Test(
        "a sound has no distance from itself, at any level",
        arguments: [1, 0.05, 2.5] as [Float]
    )
    func identity(gain: Float) throws {
        let sound = try voice("en-us", 0)
        let same = try distance(sound, converted(sound) { $0 * gain })
        let figures = [
            same.distance, same.logMelDistance, same.longTermDistance, same.nearestDistortion,
            try #require(same.alignedDistortion), try #require(same.alignedLogMelDistance),
            try #require(same.pitchDistance), same.centroidDistance,
        ]
        #expect(figures.allSatisfy { $0 < 1e-3 }, "\(figures)")
        if gain == 1 { #expect(figures.allSatisfy { $0 == 0 }) }
    }

    @Test("the other way round it is the same distance")
    func symmetry() throws {
        let (a, b) = (try voice("en-us", 0), try voice("en-us+f3", 1))
        let (there, back) = (try distance(a, b), try distance(b, a))
        #expect(abs(there.distance - back.distance) < 1e-9)
        #expect(there.first == back.second && there.second == back.first)
    }

    @Test(
        "the same voice with another sentence is nearer than another voice",
        arguments: [("en-us", "en-us+f3"), ("en-us", "en-us+m7"), ("en-us+f2", "en-us+m3")]
    )
    func kinship(voices: (one: String, other: String)) throws {
        let own = try (0..<3).map { try VoiceProfile(voice(voices.one, $0)) }
        let others = try (0..<3).map { try VoiceProfile(voice(voices.other, $0)) }
        var same: [Double] = []
        var different: [Double] = []
        for i in 0..<3 {
            for j in 0..<3 {
                if i < j { same.append(VoiceComparison(own[i], own[j]).distance) }
                if i != j { different.append(VoiceComparison(own[i], others[j]).distance) }
            }
        }
        let (farthest, nearest) = (try #require(same.max()), try #require(different.min()))
        #expect(farthest < nearest, "\(same) \(different)")
    }

    @Test(
        "a sound at another rate is near itself, and not far for its missing top",
        arguments: [8000, 16000, 24000, 48000]
    )
    func rates(rate: Int) throws {
        // A source that does have a top: 22.05 kHz, as the synthesizer makes it, brought to 48 kHz.
        let raw = try SoundTool.voice("en-us", Self.sentences[1])
        let wide = try SoundTool.sound(
            "wide.wav",
            [
                "-i", raw, "-f", "lavfi", "-i", "anoisesrc=c=white:a=0.003:r=48000:seed=3:d=4",
                "-filter_complex",
                "[0:a]aresample=48000[a];[a][1:a]amix=inputs=2:duration=shortest:normalize=0",
                "-c:a", "pcm_f32le",
            ]
        )
        let narrow = try SoundTool.sound(
            "narrow-\(rate).wav",
            ["-i", wide, "-ar", "\(rate)", "-c:a", "pcm_f32le"]
        )
        let comparison = try distance(
            try SoundTool.waveform(wide),
            try SoundTool.waveform(narrow)
        )
        #expect(comparison.distance < 0.5, "\(comparison)")
        #expect(comparison.first.bandwidth == min(7600, 0.475 * Double(rate)))
        let other = try distance(try SoundTool.waveform(narrow), try voice("en-us+f3", 1))
        #expect(other.distance > 5 * comparison.distance)
    }

    @Test("pauses do not count")
    func pauses() throws {
        let sound = try voice("en-us", 1)
        let silence = [Float](repeating: 0, count: 32000)
        let longer = Waveform(
            sampleRate: sound.sampleRate,
            samples: sound.samples.map { silence + $0 + silence }
        )
        let comparison = try distance(sound, longer)
        #expect(comparison.distance < 0.3, "\(comparison)")
        #expect(abs(comparison.first.seconds - comparison.second.seconds) < 0.2)
    }

    @Test("the same words in another tempo are aligned")
    func alignment() throws {
        let slow = try SoundTool.voice("en-us", Self.sentences[1])
        let fast = try SoundTool.sound(
            "fast.wav",
            ["-i", slow, "-af", "atempo=1.25", "-c:a", "pcm_f32le"]
        )
        let same = try distance(try SoundTool.waveform(slow), try SoundTool.waveform(fast))
        let others = try distance(try SoundTool.waveform(slow), try voice("en-us", 2))
        let (aligned, other) = (
            try #require(same.alignedDistortion), try #require(others.alignedDistortion)
        )
        #expect(aligned < 0.7 * other, "\(aligned) \(other)")
    }

    @Test("a folder is one voice, and its figures can be stored")
    func folder() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            UUID().uuidString
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        for index in 0..<2 {
            try FileManager.default.copyItem(
                atPath: try SoundTool.voice("en-us", Self.sentences[index]),
                toPath: folder.appendingPathComponent("\(index).wav").path
            )
        }
        try Data("notes".utf8).write(to: folder.appendingPathComponent("notes.txt"))
        let all = try VoiceProfile(path: folder.path)
        #expect(all.facts.sounds == 2)
        let one = try VoiceProfile(path: folder.appendingPathComponent("0.wav").path)
        let two = try VoiceProfile(path: folder.appendingPathComponent("1.wav").path)
        #expect(abs(all.facts.seconds - one.facts.seconds - two.facts.seconds) < 1e-9)
        let comparison = VoiceComparison(all, one)
        #expect(comparison.alignedDistortion == nil && comparison.distance > 0)
        #expect(comparison.distance < VoiceComparison(one, two).distance)
        let stored = try JSONEncoder().encode(comparison)
        #expect(try JSONDecoder().decode(VoiceComparison.self, from: stored) == comparison)
    }

    @Test("what cannot be measured is told")
    func failures() throws {
        let silent = #expect(throws: VoiceError.self) {
            try VoiceProfile(
                Waveform(sampleRate: 16000, samples: [[Float](repeating: 0, count: 9000)])
            )
        }
        #expect(
            silent?.description
                == "sound: there is no sound to measure, or less than a tenth of a second of it; use "
                + "a sound in which the voice is heard for some seconds"
        )
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent(
            UUID().uuidString
        )
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let empty = #expect(throws: VoiceError.self) { try VoiceProfile(path: folder.path) }
        #expect(
            empty?.description
                == "\(folder.path): there is no sound or video file in the folder; put the voice's "
                + "files there"
        )
        let picture = try SoundTool.sound(
            "mute.mp4",
            ["-f", "lavfi", "-i", "testsrc2=s=64x64:r=24:d=0.5", "-pix_fmt", "yuv420p"]
        )
        let mute = #expect(throws: VoiceError.self) { try VoiceProfile(path: picture) }
        #expect(
            mute?.description
                == "\(picture): the file has no sound; use a sound file, or a video with sound"
        )
    }
}
