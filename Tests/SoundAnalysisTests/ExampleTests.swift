import Foundation
import Media
import SoundAnalysis
import Testing

/// Clips as the program reads them, against FFmpeg's meters on the files.
@Suite struct ExampleTests {
    private struct NoSound: Error {}

    private func path(_ name: String) -> String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Examples/clips/\(name)").path
    }

    /// Both channels that the reader gives for the one in the file.
    private func waveform(_ name: String) throws -> Waveform {
        let reader = try ClipReader(path: path(name))
        let seconds = reader.info.audio?.duration ?? 0
        guard
            case .sound(let sound) = try reader.sound(from: 0, duration: seconds, sampleRate: 48000)
        else { throw NoSound() }
        return sound
    }

    @Test(
        "the example clips are speech and not music",
        arguments: ["01-greeting.mp4", "05-desert.mp4", "09-stage.mp4"]
    )
    func speech(name: String) throws {
        let facts = SoundAnalysis.measure(try waveform(name))

        #expect(facts.speechShare > 0.7)
        #expect(facts.musicReason == nil)
    }

    @Test("an example clip's one channel is as loud as its file, and 3 LU louder on two channels")
    func loudness() throws {
        let name = "07-library.mp4"
        let log = try SoundTool.log(path(name), "ebur128=peak=true")
        let loudness = try SoundTool.number(after: "I:", in: log)
        let truePeak = try SoundTool.number(after: "Peak:", in: log)
        let both = try waveform(name)
        let one = Waveform(sampleRate: both.sampleRate, samples: Array(both.samples.prefix(1)))

        let alone = SoundAnalysis.measure(one)
        let doubled = SoundAnalysis.measure(both)

        #expect(alone.channels == .mono && doubled.channels == .dualMono)
        #expect(abs((alone.loudness ?? 0) - loudness) <= 0.11)
        #expect(abs((doubled.loudness ?? 0) - loudness - 3.01) <= 0.11)
        #expect(abs((alone.truePeak ?? 99) - truePeak) <= 0.25)
    }
}
