import Foundation
import Testing

@testable import Media

/// WAV files, as ffmpeg reads them.
@Suite struct WaveWriterTests {
    private let sound = Waveform(
        sampleRate: 24000,
        samples: [
            (0..<2000).map { Float(0.7 * sin(Double($0) * 0.05)) },
            (0..<2000).map { Float(0.2 * cos(Double($0) * 0.11)) },
        ]
    )

    private var interleaved: [Float] {
        (0..<2000).flatMap { [sound.samples[0][$0], sound.samples[1][$0]] }
    }

    @Test("floats come back bit by bit, 16 bits within half a step")
    func samples() throws {
        let path = try WrittenMovie.path("wav")
        defer { WrittenMovie.remove(path) }
        #expect(try WaveWriter.write(sound, to: path, format: .float32) == 0)
        #expect(try FFmpegTool.samples(path) == interleaved)
        #expect(try WaveWriter.write(sound, to: path) == 0)
        let rounded = try FFmpegTool.samples(path)
        #expect(try #require(difference(rounded, interleaved)) <= 0.5 / 32768 + 1e-7)
        let facts = try FFmpegTool.probe(path, "stream=codec_name,sample_rate,channels,duration_ts")
        #expect(facts["codec_name"] == "pcm_s16le" && facts["sample_rate"] == "24000")
        #expect(facts["channels"] == "2" && facts["duration_ts"] == "2000")
    }

    @Test("what is beyond full scale is clipped and counted")
    func clipping() throws {
        let path = try WrittenMovie.path("wav")
        defer { WrittenMovie.remove(path) }
        let loud = Waveform(sampleRate: 16000, samples: [[1.5, -3, 1, -1, .nan, 0.5]])
        #expect(try WaveWriter.write(loud, to: path) == 3)
        let expected: [Float] = [32767, -32768, 32767, -32768, 0, 16384].map { $0 / 32768 }
        #expect(try FFmpegTool.samples(path) == expected)
    }

    @Test("title and texts are in the file's fields")
    func metadata() throws {
        let path = try WrittenMovie.path("wav")
        defer { WrittenMovie.remove(path) }
        try WaveWriter.write(sound, to: path, metadata: ["title": "Rain", "seed": "42"])
        let tags = try FFmpegTool.probe(path, "format_tags")
        #expect(tags["TAG:title"] == "Rain")
        #expect(tags["TAG:comment"] == #"{"seed":"42","title":"Rain"}"#)
        #expect(try MediaProbe.probe(path).metadata["title"] == "Rain")
        #expect(try FFmpegTool.samples(path).count == 4000)
    }

    @Test("sounds that do not fit are refused with the reason")
    func failures() throws {
        let error = #expect(throws: MediaError.self) {
            try WaveWriter.write(Waveform(sampleRate: 16000, samples: []), to: "out.wav")
        }
        #expect(
            error?.description
                == "out.wav: 0 channels of 0 samples do not fit into a WAV file; use "
                + "1 to 8 channels and less than 4 GB"
        )
    }
}
