import Foundation
import Testing

@testable import Media

/// What a writer says when it cannot, and that it leaves nothing behind.
@Suite(.enabled(if: FFmpegTool.has(["libx264", "aac"]))) struct MovieFailureTests {
    private let sound = MovieSound(sampleRate: 48000, channels: 2)

    private func failure(_ body: () throws -> Void) -> MediaError? {
        #expect(throws: MediaError.self) { try body() }
    }

    private func exists(_ path: String) -> Bool {
        [path, path + ".partial"].contains { FileManager.default.fileExists(atPath: $0) }
    }

    @Test("impossible requests are refused with the reason before a file is opened")
    func requests() throws {
        let path = try WrittenMovie.path("mp4")
        func start(_ size: (Int, Int), _ rate: Double, _ sound: MovieSound? = nil) -> String? {
            failure {
                _ = try MovieWriter(path: path, size: size, frameRate: rate, sound: sound)
            }?.description
        }
        #expect(
            start((63, 48), 24)
                == "\(path): pictures of 63x48 pixels were asked for, and H.264 with colours at half "
                + "resolution needs even sides; use a width and a height that 2 divides (the model "
                + "makes multiples of 32)"
        )
        #expect(
            start((8, 48), 24)
                == "\(path): pictures of 8x48 pixels were asked for; use sides from 16 to 16384"
        )
        #expect(
            start((64, 48), .infinity)
                == "\(path): inf pictures per second were asked for; use a rate from 0.01 to 1000"
        )
        #expect(
            start((64, 48), 24, MovieSound(sampleRate: 48000, channels: 6))
                == "\(path): sound with 6 channels at 48000 Hz was asked for; use 1 or 2 channels at "
                + "a rate that AAC has: 16000, 24000, 44100 or 48000 Hz"
        )
        #expect(
            start((64, 48), 24, MovieSound(sampleRate: 12345, channels: 1))?
                .hasPrefix("\(path): the aac encoder refuses these settings (") == true
        )
        let quality = failure {
            let pictures = MoviePictures(width: 64, height: 48, frameRate: 24, quality: 60)
            _ = try MovieWriter(path: path, pictures: pictures, sound: nil)
        }
        #expect(
            quality?.description
                == "\(path): a quality of 60 was asked for; use 0 (lossless) to 51 "
                + "(worst); 17 looks as the source does"
        )
        let nothing = failure { _ = try MovieWriter(path: path, pictures: nil, sound: nil) }
        #expect(
            nothing?.description
                == "\(path): a file with neither pictures nor sound; ask for one of both"
        )
        let key = failure {
            _ = try MovieWriter(path: path, pictures: nil, sound: sound, metadata: ["": "a"])
        }
        #expect(
            key?.description == "\(path): the metadata has an empty key, or a zero character, at "
                + "\"\"; give each text a name, and leave zero characters out"
        )
        #expect(!exists(path))
    }

    @Test("places that cannot be written are told")
    func places() throws {
        let folder = FFmpegTool.folder.path
        func start(_ path: String) -> MediaError? {
            failure { _ = try MovieWriter(path: path, size: (64, 48), frameRate: 24, sound: nil) }
        }
        #expect(start(folder)?.description == "\(folder): this is a folder; name a file in it")
        #expect(
            start("/nowhere/out.mp4")?.description
                == "/nowhere/out.mp4: its folder does not exist; make the folder first"
        )
        #expect(start("/nowhere/out.mp4")?.kind == .notWritable)
        let readOnly = start("/proc/out.mp4")
        #expect(readOnly?.kind == .notWritable)
        #expect(
            MediaError.writing("out.mp4", -EACCES).description
                == "out.mp4: the file may not be written there; choose another folder or change its "
                + "permissions"
        )
        #expect(
            MediaError.writing("out.mp4", -EIO).description
                == "out.mp4: it cannot be written (Input/output error); write to another folder or "
                + "disk"
        )
    }

    @Test("a full disk is told, and no file stays", .enabled(if: Self.canFillUp))
    func fullDisk() throws {
        let path = try WrittenMovie.path("mp4")
        // The draft is a device that never has room.
        try FileManager.default.createSymbolicLink(
            atPath: path + ".partial",
            withDestinationPath: "/dev/full"
        )
        let error = failure {
            let writer = try MovieWriter(path: path, size: (64, 48), frameRate: 24, sound: nil)
            for _ in 0..<40 { try writer.append(frames: WrittenMovie.moving(24)) }
            try writer.finish()
        }
        #expect(
            error?.description
                == "\(path): the disk is full; free space or write to another disk"
        )
        #expect(!exists(path))
    }

    private static let canFillUp = FileManager.default.fileExists(atPath: "/dev/full")

    @Test("a writer that is released or cancelled leaves no file, and an older one stays")
    func cancelled() throws {
        let path = try WrittenMovie.path("mp4")
        defer { WrittenMovie.remove(path) }
        do {
            let writer = try MovieWriter(path: path, size: (64, 48), frameRate: 24, sound: sound)
            try writer.append(frames: WrittenMovie.moving(3))
            #expect(exists(path))
        }
        #expect(!exists(path))

        try Data("older".utf8).write(to: URL(fileURLWithPath: path))
        let writer = try MovieWriter(path: path, size: (64, 48), frameRate: 24, sound: sound)
        try writer.append(frames: WrittenMovie.moving(3))
        writer.cancel()
        #expect(try Data(contentsOf: URL(fileURLWithPath: path)) == Data("older".utf8))
        #expect(!FileManager.default.fileExists(atPath: path + ".partial"))
        let late = failure { try writer.append(frames: WrittenMovie.moving(1)) }
        #expect(
            late?.description
                == "\(path): the file is finished, or was given up; start another one"
        )
    }

    @Test("an encoder that FFmpeg lacks is named, and nothing takes its place")
    func encoder() {
        let error = failure {
            _ = try StreamEncoder(named: "nox264", for: "an mp4 with pictures", path: "out.mp4")
        }
        #expect(error?.kind == .unsupported)
        #expect(
            error?.description == "out.mp4: this FFmpeg has no encoder nox264, which an mp4 with "
                + "pictures needs; install FFmpeg's libraries with nox264"
        )
    }

    @Test("pictures and sound that do not fit are refused, and the file is given up")
    func misfits() throws {
        func write(
            _ body: (MovieWriter) throws -> Void,
            sound: MovieSound? = MovieSound(sampleRate: 48000, channels: 2)
        ) throws -> String? {
            let path = try WrittenMovie.path("mp4")
            let writer = try MovieWriter(path: path, size: (64, 48), frameRate: 24, sound: sound)
            let error = failure { try body(writer) }
            #expect(!exists(path) && error?.kind == .notWritable)
            return error?.description.replacingOccurrences(of: path + ": ", with: "")
        }
        let mono = Waveform(sampleRate: 24000, samples: [[0, 0]])
        #expect(
            try write { try $0.append(frames: WrittenMovie.patches(1)) }
                == "pictures of 128x64 pixels came for a movie of 64x48; give all pictures the "
                + "movie's size"
        )
        #expect(
            try write { try $0.append(sound: mono) }
                == "sound with 1 channels at 24000 Hz came for a file with 2 at 48000 Hz; give all "
                + "sound the file's rate and channels"
        )
        #expect(
            try write { try $0.append(sound: Waveform(sampleRate: 48000, samples: [[.nan], [0]])) }
                == "the sound has samples that are no numbers; find out what made them; with a "
                + "decoder it is often float16: use float32"
        )
        #expect(
            try write({ try $0.append(sound: mono) }, sound: nil)
                == "sound came for a file that was started without; start it with them"
        )
        #expect(
            try write { try $0.finish() } == "no picture or sound has come; append some first"
        )
    }
}
