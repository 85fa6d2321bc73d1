internal import Foundation
public import Media

extension VoiceProfile {
    /// Endings of the files that are taken from a folder.
    private static let endings: Set<String> = [
        "wav", "mp3", "m4a", "aac", "flac", "ogg", "opus", "mp4", "mov", "mkv", "webm", "avi",
        "m4v",
    ]
    /// Sound that is decoded at once, in seconds.
    private static let piece = 60.0

    /// Measures the voice in a sound or video file, or in all such files of a folder (not of the
    /// folders in it).
    ///
    /// - Throws: `MediaError` for a file that cannot be read; `VoiceError` for a folder without
    ///   files, a file without sound, and where nothing can be heard.
    public init(path: String) throws {
        let files = try Self.files(at: path)
        var signals: [VoiceSignal] = []
        for file in files {
            try Self.sounds(of: file) { sound in
                if let signal = VoiceSignal(sound) { signals.append(signal) }
            }
        }
        try self.init(signals, name: path)
    }

    /// The file itself, or the files of a folder by name.
    public static func files(at path: String) throws -> [String] {
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard exists, isFolder.boolValue else { return [path] }
        let names = try FileManager.default.contentsOfDirectory(atPath: path).sorted().filter {
            !$0.hasPrefix(".")
                && endings.contains(($0 as NSString).pathExtension.lowercased())
        }
        guard !names.isEmpty else { throw VoiceError.emptyFolder(path) }
        return names.map { path + "/" + $0 }
    }

    /// Decodes a file's sound, a minute at a time.
    ///
    /// - Parameters:
    ///   - path: a sound or video file.
    ///   - sampleRate: of the pieces; `nil` means the file's own.
    ///   - body: is given stereo sound.
    /// - Throws: `MediaError` for a file that cannot be read, `VoiceError.noSound`, and what `body`
    ///   throws.
    public static func sounds(
        of path: String,
        sampleRate: Int? = nil,
        _ body: (Waveform) throws -> Void
    ) throws {
        let reader = try ClipReader(path: path)
        guard let audio = reader.info.audio else { throw VoiceError.noSound(path) }
        var start = 0.0
        while start < audio.duration {
            let seconds = min(piece, audio.duration - start)
            let sound = try reader.sound(
                from: start,
                duration: seconds,
                sampleRate: sampleRate ?? audio.sampleRate
            )
            if case .sound(let waveform) = sound { try body(waveform) }
            start += piece
        }
    }
}
