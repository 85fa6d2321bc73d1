internal import ClipCache

/// A clip and what happened to it.
public struct ClipFailure: Sendable, Equatable {
    /// How messages name the file.
    public let name: String
    /// What is wrong.
    public let reason: String
}

/// How many windows ended how in a preparation.
public struct PreparationReport: Sendable, Equatable {
    /// Windows whose pictures were encoded.
    public internal(set) var encodedWindows = 0
    /// Windows that were in the cache and whole.
    public internal(set) var cachedWindows = 0
    /// Windows whose sound was encoded.
    public internal(set) var encodedSounds = 0
    /// Windows whose sound was in the cache.
    public internal(set) var cachedSounds = 0
    /// Windows of clips without a sound stream, encoded or cached.
    public internal(set) var withoutSound = 0
    /// Windows in which nothing can be heard, encoded or cached.
    public internal(set) var silent = 0
    /// Clips that should have sound and have none: without a track, silent or not decodable; a name for
    /// each window.
    public internal(set) var unheard: [String] = []
    /// Sounds that could not be decoded, a line for each window.
    public internal(set) var failedSounds: [ClipFailure] = []
    /// Windows whose pictures could not be decoded.
    public internal(set) var failedWindows: [ClipFailure] = []
    /// Entries that were there but could not be used, and why; they were made anew.
    public internal(set) var remade: [ClipFailure] = []

    /// Counts a window; what was encoded and what was in the cache are told apart.
    mutating func count(_ status: AudioStatus, of clip: String, cached: Bool) {
        if [.none, .silent, .failed].contains(status) { unheard.append(clip) }
        if cached { cachedWindows += 1 } else { encodedWindows += 1 }
        switch status {
        case .present where cached: cachedSounds += 1
        case .present: encodedSounds += 1
        case .none: withoutSound += 1
        case .silent: silent += 1
        case .failed, .unread: break
        }
    }
}

extension PreparationReport: CustomStringConvertible {
    /// Two lines such as `Audio latent caching: 24 encoded, 0 failed, 1 without sound`.
    public var description: String {
        "Video latent caching: \(pictureCounts)\nAudio latent caching: \(soundCounts)"
    }

    private var pictureCounts: String {
        "\(encodedWindows) encoded, \(failedWindows.count) failed"
            + counted(cachedWindows, "from cache") + counted(remade.count, "made anew")
    }

    private var soundCounts: String {
        "\(encodedSounds) encoded, \(failedSounds.count) failed, \(withoutSound) without sound"
            + counted(silent, "silent") + counted(cachedSounds, "from cache")
    }

    private func counted(_ count: Int, _ what: String) -> String {
        count > 0 ? ", \(count) \(what)" : ""
    }
}

/// Clips that could not be prepared; what could be is in the cache.
public struct PreparationError: Error, Equatable, CustomStringConvertible {
    /// Everything that happened, failures included.
    public let report: PreparationReport

    /// All files with their reasons, and what to do.
    public var description: String {
        var lines: [String] = []
        if !report.failedWindows.isEmpty {
            lines.append("these clips cannot be decoded, all should be; export or remove them:")
            lines += Self.lines(report.failedWindows)
        }
        if !report.failedSounds.isEmpty {
            lines.append(
                """
                these clips have sound that cannot be decoded, all should be; export them again, \
                or write strict_audio_mode: false to train without their sound:
                """
            )
            lines += Self.lines(report.failedSounds)
        }
        return lines.joined(separator: "\n")
    }
    /// A line for each file, however many of its windows failed.
    private static func lines(_ failures: [ClipFailure]) -> [String] {
        var seen: Set<String> = []
        return failures.filter { seen.insert($0.name).inserted }.map {
            "  \($0.name): \($0.reason)"
        }
    }
}
