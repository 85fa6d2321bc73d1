internal import Foundation

/// Writes pictures and sound as H.264 and AAC into an mp4 file, or sound alone into an m4a file.
///
/// Pictures and sound may come in any order and in pieces. The sound is made exactly as long as
/// the pictures. The file is written as `<path>.partial` and gets its name in `finish`; a writer
/// that is released before, or that fails, leaves no file.
///
/// Colours are converted and tagged as BT.709, 16...235. The file's index lies in front, and its
/// edit list leaves the encoder's priming out.
public final class MovieWriter {
    private let path: String
    private let pictureTrack: MoviePictureTrack?
    private let soundTrack: MovieSoundTrack?
    private let file: MovieFile

    /// Starts a file with pictures, sound or both.
    ///
    /// - Parameters:
    ///   - path: of the file; an existing one is replaced by `finish`.
    ///   - pictures: `nil` for sound alone.
    ///   - sound: `nil` for pictures alone.
    ///   - metadata: texts that the file carries.
    ///   - threads: of x264; 0 means one per core, at most 8.
    /// - Throws: `notWritable` for a folder that is missing or may not be written, odd sides or
    ///   impossible rates; `unsupported` if this FFmpeg lacks libx264 or AAC.
    public init(
        path: String,
        pictures: MoviePictures?,
        sound: MovieSound?,
        metadata: MovieMetadata = [:],
        threads: Int = 0
    ) throws(MediaError) {
        guard pictures != nil || sound != nil else {
            throw .cannotWrite(
                path,
                "a file with neither pictures nor sound",
                "ask for one of both"
            )
        }
        // Whatever is wrong is said before a file is opened.
        _ = try pictures?.check(for: path)
        try sound?.check(for: path)
        try metadata.check(for: path)
        self.path = path
        let file = try MovieFile(path: path, format: pictures == nil ? "ipod" : "mp4")
        let cores = min(8, ProcessInfo.processInfo.activeProcessorCount)
        pictureTrack =
            try pictures.map { pictures throws(MediaError) in
                let threads = threads > 0 ? threads : cores
                return try MoviePictureTrack(pictures, threads: threads, file, path: path)
            }
        soundTrack =
            try sound.map { sound throws(MediaError) in
                try MovieSoundTrack(sound, file, path: path)
            }
        self.file = file
        try file.begin(metadata)
    }

    /// Starts a movie.
    ///
    /// - Parameters:
    ///   - path: of the file; an existing one is replaced by `finish`.
    ///   - size: sides in pixels, both even.
    ///   - frameRate: pictures per second; 23.976 means 24000/1001.
    ///   - sound: `nil` for pictures alone.
    ///   - metadata: texts that the file carries.
    /// - Throws: as `init(path:pictures:sound:metadata:threads:)`.
    public convenience init(
        path: String,
        size: (width: Int, height: Int),
        frameRate: Double,
        sound: MovieSound?,
        metadata: MovieMetadata = [:]
    ) throws(MediaError) {
        try self.init(
            path: path,
            pictures: MoviePictures(width: size.width, height: size.height, frameRate: frameRate),
            sound: sound,
            metadata: metadata
        )
    }

    /// Encodes the pictures that come next.
    ///
    /// - Throws: `notWritable` for pictures of another size, a movie without pictures, or a disk
    ///   that is full; the writer cannot be used after that.
    public func append(frames: FrameBuffer) throws(MediaError) {
        try guarded { () throws(MediaError) in
            guard let pictureTrack else { throw notWanted("pictures") }
            try pictureTrack.append(frames)
            try encodeSound()
        }
    }

    /// Takes the sound that comes next: before, between or after the pictures that it belongs to.
    ///
    /// - Throws: `notWritable` for another rate or other channels, samples that are no numbers, a
    ///   movie without sound, or a disk that is full; the writer cannot be used after that.
    public func append(sound: Waveform) throws(MediaError) {
        try guarded { () throws(MediaError) in
            guard let soundTrack else { throw notWanted("sound") }
            try soundTrack.append(sound)
            try encodeSound()
        }
    }

    /// Writes what is left and puts the file into its place.
    ///
    /// - Returns: what the file holds, and how much sound was added or left out to that end.
    /// - Throws: `notWritable` for a movie without a single picture or sample, and a full disk.
    @discardableResult
    public func finish() throws(MediaError) -> MovieResult {
        let result = result
        try guarded { () throws(MediaError) in
            guard result.frameCount > 0 || result.sampleCount > 0 else {
                throw .cannotWrite(path, "no picture or sound has come", "append some first")
            }
            try pictureTrack?.finish()
            try soundTrack?.finish(count: result.sampleCount)
            try file.finish()
        }
        return result
    }

    /// Gives the file up; nothing of it stays.
    public func cancel() { file.giveUp() }

    /// Number of samples per channel that the pictures so far last.
    private var soundLimit: Int {
        guard let pictureTrack, let soundTrack else { return .max }
        let rate = pictureTrack.rate
        let samples = pictureTrack.frameCount * rate.denominator * soundTrack.sound.sampleRate
        return (2 * samples + rate.numerator) / (2 * rate.numerator)
    }

    private var result: MovieResult {
        let received = soundTrack?.receivedCount ?? 0
        let count = soundTrack == nil ? 0 : pictureTrack == nil ? received : soundLimit
        let pictureSeconds = pictureTrack.map { Double($0.frameCount) / $0.rate.value }
        let soundSeconds = soundTrack.map { Double(count) / Double($0.sound.sampleRate) }
        return MovieResult(
            frameCount: pictureTrack?.frameCount ?? 0,
            sampleCount: count,
            paddedSamples: max(0, count - received),
            droppedSamples: max(0, received - count),
            seconds: pictureSeconds ?? soundSeconds ?? 0
        )
    }

    /// What is heard behind the last picture may yet have to be left out.
    private func encodeSound() throws(MediaError) { try soundTrack?.encode(upTo: soundLimit) }

    /// Gives up the file at the first failure.
    private func guarded(_ body: () throws(MediaError) -> Void) throws(MediaError) {
        guard file.isOpen else {
            throw .cannotWrite(path, "the file is finished, or was given up", "start another one")
        }
        do {
            try body()
        } catch {
            file.giveUp()
            throw error
        }
    }

    private func notWanted(_ what: String) -> MediaError {
        .cannotWrite(path, "\(what) came for a file that was started without", "start it with them")
    }
}
