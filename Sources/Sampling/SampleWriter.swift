import Foundation
public import Media

/// The files of a sample: a movie, a sound or a picture, and on request its parts beside it.
public struct SampleTarget: Sendable, Equatable {
    /// The main file; its ending says what it is: mp4, m4a, wav, png, jpg, webp.
    public var path: String
    /// Whether the sound is also written as it is, `<stem>.wav`.
    public var writesWave = false
    /// Whether the pictures are also written one by one, into a folder `<stem>`.
    public var writesPictures = false
    /// What the file says of itself.
    public var metadata = MovieMetadata()

    /// Names a file.
    public init(path: String) { self.path = path }

    /// The path with a word in front of its ending.
    public func beside(_ word: String) -> String { "\(stem).\(word).\(ending)" }

    /// The path without its ending.
    public var stem: String { (path as NSString).deletingPathExtension }

    /// The ending in small letters.
    public var ending: String { (path as NSString).pathExtension.lowercased() }

    /// What a file of this name can hold; nil if the name says nothing that is known.
    public var output: SampleRequest.Output? {
        switch ending {
        case "mp4": .movie
        case "wav", "m4a": .sound
        case "png", "jpg", "jpeg", "webp": .picture
        default: nil
        }
    }
}

/// Writes one sample: pictures come in pieces, and are encoded on another thread while the next are decoded.
public final class SampleWriter {
    private let target: SampleTarget
    private let writer = BackgroundWriter()
    private let files: Files

    /// Everything that only the writer's thread touches.
    private final class Files: @unchecked Sendable {  // Safe because the queue is serial.
        var movie: MovieWriter?
        var sequence: PictureSequenceWriter?
        var written: [String] = []
    }

    /// Starts the files of a sample.
    ///
    /// - Parameters:
    ///   - target: where they lie.
    ///   - pictures: size and rate; nil for sound alone.
    ///   - sound: rate and channels; nil for pictures alone.
    /// - Throws: `MediaError` if the files cannot be written.
    public init(
        _ target: SampleTarget,
        pictures: MoviePictures?,
        sound: MovieSound?
    ) throws {
        self.target = target
        files = Files()
        if ["mp4", "m4a"].contains(target.ending) {
            files.movie = try MovieWriter(
                path: target.path,
                pictures: target.ending == "m4a" ? nil : pictures,
                sound: sound,
                metadata: target.metadata
            )
        }
        if target.writesPictures, pictures != nil {
            try FileManager.default.createDirectory(
                atPath: target.stem,
                withIntermediateDirectories: true
            )
            files.sequence = PictureSequenceWriter(folder: target.stem)
        }
    }

    /// Takes all of the sound.
    public func append(sound: Waveform) throws {
        try writer.write { [target, files] in
            try files.movie?.append(sound: sound)
            if target.ending == "wav" || target.writesWave {
                let path = target.ending == "wav" ? target.path : target.stem + ".wav"
                try WaveWriter.write(sound, to: path, metadata: target.metadata)
                files.written.append(path)
            }
        }
    }

    /// Takes the pictures that come next.
    public func append(frames: FrameBuffer) throws {
        try writer.write { [target, files] in
            if target.output == .picture {
                try PictureWriter.write(frames, to: target.path)
                files.written.append(target.path)
            }
            try files.movie?.append(frames: frames)
            try files.sequence?.append(frames)
        }
    }

    /// Hands in the end of the files; it is written while the caller goes on, see `finish`.
    public func close() throws {
        try writer.write { [target, files] in
            if let movie = files.movie {
                try movie.finish()
                files.written.insert(target.path, at: 0)
            }
            if files.sequence != nil { files.written.append(target.stem) }
            (files.movie, files.sequence) = (nil, nil)
        }
    }

    /// Waits until everything is on disk.
    ///
    /// - Returns: the files, the main one first, and the seconds that writing took.
    public func finish() throws -> (paths: [String], seconds: Double) {
        try writer.finish()
        return (files.written, writer.seconds)
    }
}
