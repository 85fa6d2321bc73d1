import Foundation
import Testing

@testable import Media

/// A flash and a click that are made in the same frame stay together.
@Suite struct AlignmentTests {
    /// How a white picture and a click, both at 1.25 s, become a file.
    struct Recipe: Sendable, CustomTestStringConvertible {
        let name: String
        let encoders: [String]
        let arguments: @Sendable (_ pictures: [String], _ sound: [String]) -> [String]
        var testDescription: String { name }
        /// Seconds after which the file begins, if something is cut off.
        var begin = 0.0
        /// Arguments of a second pass over the file, without encoding.
        var remux: [String] = []
    }

    private static let rate = 24.0
    private static let flash = 30
    private static let x264 = ["-c:v", "libx264", "-preset", "veryfast", "-g", "12", "-bf", "2"]

    private static let recipes: [Recipe] = [
        Recipe(name: "priming.mp4", encoders: ["libx264", "aac"]) {
            $0 + $1 + x264 + ["-c:a", "aac"]
        },
        Recipe(name: "opus.mkv", encoders: ["libx264", "libopus"]) {
            $0 + $1 + x264 + ["-c:a", "libopus"]
        },
        Recipe(name: "pcm.mov", encoders: ["libx264"]) { $0 + $1 + x264 + ["-c:a", "pcm_s16le"] },
        Recipe(name: "opus.webm", encoders: ["libvpx-vp9", "libopus"]) {
            $0 + $1 + ["-c:v", "libvpx-vp9", "-deadline", "realtime", "-cpu-used", "8"]
                + ["-c:a", "libopus"]
        },
        Recipe(
            name: "edited.mp4",
            encoders: ["libx264", "aac"],
            arguments: { $0 + $1 + x264 + ["-c:a", "aac"] },
            begin: 0.75,
            remux: ["-ss", "0.75"]
        ),
        Recipe(name: "late-sound.mp4", encoders: ["libx264", "aac"]) { pictures, sound in
            // The first 0.4 s of the sound are cut off and its stream begins 0.4 s later.
            pictures + ["-itsoffset", "0.4", "-ss", "0.4"] + sound + x264 + ["-c:a", "aac"]
        },
        Recipe(name: "late-sound.mkv", encoders: ["libx264", "libopus"]) { pictures, sound in
            pictures + ["-itsoffset", "0.4", "-ss", "0.4"] + sound + x264 + ["-c:a", "libopus"]
        },
        Recipe(
            name: "late-pictures.mkv",
            encoders: ["libx264", "aac"],
            arguments: { pictures, sound in
                ["-itsoffset", "0.5", "-ss", "0.5"] + pictures + sound + x264 + ["-c:a", "aac"]
            },
            begin: 0.5
        ),
    ]

    @Test("flash and click stay within half a frame", arguments: recipes)
    func together(recipe: Recipe) throws {
        guard FFmpegTool.has(recipe.encoders) else {
            try Test.cancel("this ffmpeg lacks one of \(recipe.encoders)")
        }
        let reader = try ClipReader(path: clip(recipe))
        let expected = Double(Self.flash) / Self.rate - recipe.begin

        let video = try #require(reader.info.video)
        let frames = try reader.frames(
            indices: Array(0..<video.frameCount),
            geometry: .whole(8, 8)
        )
        let size = 8 * 8 * 3
        let light = (0..<video.frameCount).map { frames.bytes[$0 * size + size / 2] }
        let index = try #require(light.indices.max { light[$0] < light[$1] })
        #expect(abs(Double(index) / Self.rate - expected) < 0.5 / Self.rate)

        let sound = try reader.sound(from: 0, duration: reader.info.duration)
        let samples = try #require(sound.waveform).samples[0]
        let click = try #require(samples.indices.max { abs(samples[$0]) < abs(samples[$1]) })
        // ffmpeg's Matroska writer itself delays the pictures by Opus' priming, 6.5 ms.
        #expect(abs(Double(click) / 16000 - expected) < 0.008, "click at \(Double(click) / 16000)")
        #expect(abs(Double(click) / 16000 - Double(index) / Self.rate) < 0.5 / Self.rate)

        // The same moment from a window that begins elsewhere.
        let window = try reader.sound(from: expected - 0.1, duration: 0.2)
        let part = try #require(window.waveform).samples[0]
        let again = try #require(part.indices.max { abs(part[$0]) < abs(part[$1]) })
        #expect(abs(again - 1600 - (click - Int((expected * 16000).rounded()))) <= 1)
    }

    private func clip(_ recipe: Recipe) throws -> String {
        let number = Self.flash
        let pictures = try FFmpegTool.clip(
            "flash.avi",
            ["-f", "lavfi", "-i", "color=black:s=64x48:r=24:d=2"]
                + ["-vf", "drawbox=t=fill:c=white:enable='eq(n,\(number))'", "-c:v", "ffv1"]
        )
        let sound = try FFmpegTool.clip(
            "click.wav",
            ["-f", "lavfi", "-i", "aevalsrc='0.9*eq(n,60000)+0.5*eq(n,60001)':s=48000:d=2"]
        )
        let whole = try FFmpegTool.clip(
            "whole-\(recipe.name)",
            recipe.arguments(["-i", pictures], ["-i", sound])
        )
        guard !recipe.remux.isEmpty else { return whole }
        return try FFmpegTool.clip(
            "cut-\(recipe.name)",
            recipe.remux + ["-i", whole, "-c", "copy"]
        )
    }
}
