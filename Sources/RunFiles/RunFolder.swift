import Foundation

#if canImport(Glibc)
import Glibc
#endif

/// The folder of one run and the names of what lies in it.
public struct RunFolder: Sendable, Equatable {
    /// The path, `training_folder/name`.
    public let path: String
    /// Name of the run: stem of its files.
    public let name: String

    /// Names a folder; nothing is made yet.
    public init(path: String, name: String) {
        self.path = path
        self.name = name
    }

    /// Makes the folder.
    ///
    /// - Throws: `RunStateError.unwritable` with what to do.
    public func make() throws(RunStateError) {
        do {
            try FileManager.default.createDirectory(
                atPath: path,
                withIntermediateDirectories: true
            )
        } catch {
            throw .unwritable(path, "\(error.localizedDescription)")
        }
    }

    /// Renames the folder of an earlier run to `name.1`, `name.2`…; returns where it is now.
    public func moveAside() throws -> String? {
        let manager = FileManager.default
        guard manager.fileExists(atPath: path) else { return nil }
        try withExtendedLifetime(RunLock(self)) {}  // nobody may be at work in it
        var number = 1
        while manager.fileExists(atPath: "\(path).\(number)") { number += 1 }
        let place = "\(path).\(number)"
        do {
            try manager.moveItem(atPath: path, toPath: place)
        } catch {
            throw RunStateError.unwritable(place, error.localizedDescription)
        }
        return place
    }

    /// The adapter of the finished run.
    public var adapter: String { "\(path)/\(name).safetensors" }

    /// The adapter after so many steps.
    public func adapter(step: Int) -> String { "\(path)/\(name)_\(Self.digits(step)).safetensors" }

    /// The adapter that was best on held-out clips, by picture.
    public var bestFace: String { "\(path)/\(name)_best_face.safetensors" }

    /// The adapter that was best on held-out clips, by sound.
    public var bestVoice: String { "\(path)/\(name)_best_voice.safetensors" }

    /// Sounds of the base model that voice preservation compares with.
    public var preservedSounds: String { "\(path)/voice_preservation.safetensors" }

    /// Previews.
    public var samples: String { "\(path)/samples" }

    /// One line per step.
    public var metrics: String { "\(path)/metrics.jsonl" }

    /// The run file as it was used.
    public var runFile: String { "\(path)/config.yaml" }

    /// Saved states.
    public var states: String { "\(path)/state" }

    /// Points to the newest whole state.
    public var latestState: String { "\(states)/latest" }

    /// Step of the newest whole state; nil if none was saved.
    public var latestStep: Int? {
        // The system's own call: a list of a thousand jobs asks each.
        var bytes = [CChar](repeating: 0, count: 4096)
        let count = readlink(latestState, &bytes, bytes.count)
        guard count > 0 else { return nil }
        let place = String(decoding: bytes[..<count].map(UInt8.init(bitPattern:)), as: UTF8.self)
        guard let name = place.split(separator: "/").last else { return nil }
        return Int(name.prefix { $0 != "." })  // a second state of one step is `000000250.2`
    }

    /// A saved state.
    public func state(step: Int) -> String { "\(states)/\(Self.digits(step))" }

    /// A step as file names spell it: nine digits.
    package static func digits(_ step: Int) -> String {
        let text = String(step)
        return String(repeating: "0", count: max(0, 9 - text.count)) + text
    }
}
