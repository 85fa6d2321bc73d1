import Foundation
import Testing

@testable import Media

/// The sound of movies that are written, as the ffmpeg program decodes it.
@Suite(.enabled(if: FFmpegTool.has(["libx264", "aac"]))) struct MovieSoundTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var rate: Int
        var channels: Int
        var frameRate: Double
        var testDescription: String { "\(rate) Hz, \(channels) channels, \(frameRate)/s" }

        static let all = [
            Case(rate: 16000, channels: 1, frameRate: 24),
            Case(rate: 24000, channels: 1, frameRate: 25),
            Case(rate: 24000, channels: 2, frameRate: 24),
            Case(rate: 44100, channels: 2, frameRate: 23.976),
            Case(rate: 48000, channels: 2, frameRate: 24),
            Case(rate: 48000, channels: 1, frameRate: 30),
        ]
    }

    @Test(
        "sound is exactly as long as the pictures, and a click comes back within 1 ms",
        arguments: Case.all
    )
    func synchrony(of sample: Case) throws {
        let path = try WrittenMovie.path("mp4")
        defer { WrittenMovie.remove(path) }
        let writer = try MovieWriter(
            path: path,
            size: (64, 48),
            frameRate: sample.frameRate,
            sound: MovieSound(sampleRate: sample.rate, channels: sample.channels)
        )
        let times = [0.02, 0.5, 1.5]
        try writer.append(frames: WrittenMovie.moving(49))
        let sound = WrittenMovie.clicks(
            at: times,
            seconds: 2.5,
            rate: sample.rate,
            channels: sample.channels
        )
        try writer.append(sound: sound)
        let result = try writer.finish()

        let exact = try #require(ExactRate(sample.frameRate)).value
        let count = Int((49 / exact * Double(sample.rate)).rounded())
        #expect(result.sampleCount == count && result.paddedSamples == 0)
        #expect(result.droppedSamples == sound.samples[0].count - count)
        // The file says the exact length; ffmpeg decodes the last block of 1024 as a whole, and
        // what is in it behind the end is silence.
        let said = try FFmpegTool.probe(path, "stream=duration_ts,sample_rate,channels,start_pts")
        #expect(said["sample_rate"] == "\(sample.rate)" && said["start_pts"] == "0")
        #expect(said["duration_ts"] == "\(count)" && said["channels"] == "\(sample.channels)")
        let decoded = try FFmpegTool.samples(path)
        let left = stride(from: 0, to: decoded.count, by: sample.channels).map { decoded[$0] }
        #expect((count..<count + 1024).contains(left.count))
        for time in times { #expect(abs(place(of: time, left, sample.rate) - time) < 0.001) }
        let seconds = try #require(try MediaProbe.probe(path).audio).duration
        #expect(abs(seconds - Double(count) / Double(sample.rate)) < 1e-6)
    }

    /// Where the loudest sample near a time is, in seconds.
    private func place(of time: Double, _ samples: [Float], _ rate: Int) -> Double {
        let near = Int(max(0, time - 0.02) * Double(rate))..<Int((time + 0.02) * Double(rate))
        let loudest = near.max { abs(samples[$0]) < abs(samples[$1]) }
        return Double(loudest ?? 0) / Double(rate)
    }

    @Test("sound before, between and after the pictures gives the same file")
    func anyOrder() throws {
        let sound = WrittenMovie.clicks(at: [0.3, 0.9], seconds: 1, rate: 48000, channels: 2)
        func part(_ range: Range<Int>) -> Waveform {
            Waveform(sampleRate: 48000, samples: sound.samples.map { Array($0[range]) })
        }
        func write(_ body: (MovieWriter) throws -> Void) throws -> Data {
            let path = try WrittenMovie.path("mp4")
            defer { WrittenMovie.remove(path) }
            let writer = try MovieWriter(
                path: path,
                pictures: MoviePictures(width: 64, height: 48, frameRate: 24),
                sound: MovieSound(sampleRate: 48000, channels: 2),
                threads: 1
            )
            try body(writer)
            let result = try writer.finish()
            #expect(result.sampleCount == 48000 && result.paddedSamples == 0)
            // The time of writing is not in the streams.
            return try FFmpegTool.run(["-i", path, "-c", "copy", "-f", "framemd5", "-"])
        }
        let before = try write {
            try $0.append(sound: sound)
            try $0.append(frames: WrittenMovie.moving(24))
        }
        let after = try write {
            try $0.append(frames: WrittenMovie.moving(24))
            try $0.append(sound: sound)
        }
        let between = try write {
            try $0.append(sound: part(0..<10000))
            try $0.append(frames: WrittenMovie.moving(11))
            try $0.append(sound: part(10000..<10001))
            try $0.append(frames: WrittenMovie.moving(13, from: 11))
            try $0.append(sound: part(10001..<48000))
        }
        #expect(before == after && before == between)
    }

    @Test("sound that is too short is filled up with silence, which the result tells")
    func padding() throws {
        let path = try WrittenMovie.path("mp4")
        defer { WrittenMovie.remove(path) }
        let writer = try MovieWriter(
            path: path,
            size: (64, 48),
            frameRate: 24,
            sound: MovieSound(sampleRate: 24000, channels: 1)
        )
        try writer.append(frames: WrittenMovie.moving(24))
        try writer.append(sound: WrittenMovie.clicks(at: [0.3], seconds: 0.5, rate: 24000))
        let result = try writer.finish()
        #expect(result.paddedSamples == 12000 && result.droppedSamples == 0)
        let decoded = try FFmpegTool.samples(path)
        #expect(decoded.count >= 24000 && decoded[14000...].allSatisfy { abs($0) < 1e-3 })
        #expect(decoded[..<11000].contains { $0 > 0.3 })
    }

    @Test("sound alone makes an m4a file", arguments: [16000, 24000, 48000])
    func soundAlone(rate: Int) throws {
        let path = try WrittenMovie.path("m4a")
        defer { WrittenMovie.remove(path) }
        let writer = try MovieWriter(
            path: path,
            pictures: nil,
            sound: MovieSound(sampleRate: rate, channels: 2),
            metadata: ["prompt": "Guten Tag"]
        )
        let sound = WrittenMovie.clicks(at: [0.25, 0.75], seconds: 1.01, rate: rate, channels: 2)
        try writer.append(sound: sound)
        let result = try writer.finish()
        #expect(result.sampleCount == sound.samples[0].count && result.frameCount == 0)
        #expect(abs(result.seconds - 1.01) < 1e-3)
        let info = try MediaProbe.probe(path)
        #expect(info.video == nil && info.audio?.codec == "aac" && info.audio?.channels == 2)
        #expect(info.metadata["prompt"] == "Guten Tag" && info.metadata["major_brand"] == "M4A ")
        let decoded = try FFmpegTool.samples(path)
        let left = stride(from: 0, to: decoded.count, by: 2).map { decoded[$0] }
        #expect(abs(place(of: 0.25, left, rate) - 0.25) < 0.001)
        #expect(abs(place(of: 0.75, left, rate) - 0.75) < 0.001)
    }
}
