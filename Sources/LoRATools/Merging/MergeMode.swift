import Adapters

/// A way to merge, as people name it: `sum`, `pick:2`, `isolate:0.9`, `protect:1`, `damp:0.5:file`, `calibrated`.
public struct MergeMode: Sendable, Equatable {
    /// The ways there are.
    public enum Kind: String, CaseIterable, Sendable {
        /// The exact sum.
        case sum
        /// One adapter alone.
        case pick
        /// Subspace isolation by the adapters' weights.
        case isolate
        /// One adapter goes first.
        case protect
        /// Louder ones made quieter.
        case damp
        /// Subspace isolation by measured inputs.
        case calibrated

        /// Whether it needs the number of an adapter.
        var namesAdapter: Bool { self == .pick || self == .protect }
        /// Whether a strength means something.
        var hasStrength: Bool { [.isolate, .protect, .damp].contains(self) }
    }

    /// The way.
    public var kind: Kind
    /// Number of the adapter that is picked or protected, from 0.
    public var adapter: Int?
    /// From 0, the exact sum, to 1; nil for that of the whole merge, or the way's own.
    public var strength: Double?
    /// Over what `damp` compares; nil for that of the whole merge.
    public var granularity: DampMethod.Granularity?

    /// A way without particulars.
    public init(
        _ kind: Kind,
        adapter: Int? = nil,
        strength: Double? = nil,
        granularity: DampMethod.Granularity? = nil
    ) {
        (self.kind, self.adapter) = (kind, adapter)
        (self.strength, self.granularity) = (strength, granularity)
    }

    /// Reads `isolate`, `isolate:0.8`, `pick:2`, `protect:1`, `protect:1:0.5`, `damp:0.5:column`.
    ///
    /// - Throws: `LoRAError` for words that mean nothing; `place` says where they stand.
    public init(parsing text: String, at place: String) throws(LoRAError) {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        guard let kind = Kind(rawValue: parts[0]) else {
            throw LoRAError(
                at: place,
                "\"\(parts[0])\" is no way to merge, should be one of "
                    + Kind.allCases.map(\.rawValue).joined(separator: ", "),
                fix: "write sum, pick:2, isolate:0.9, protect:1, damp or calibrated"
            )
        }
        self.init(kind)
        var rest = parts.dropFirst()
        if kind.namesAdapter {
            guard let number = rest.popFirst().flatMap(Int.init), number >= 1 else {
                throw LoRAError(
                    at: place,
                    "\(kind.rawValue) names no adapter, should name one by its place, from 1",
                    fix: "write \(kind.rawValue):1 for the first file"
                )
            }
            adapter = number - 1
        }
        for written in rest where !takes(written) {
            throw LoRAError(
                at: place,
                "\"\(text)\" has \"\(written)\", should \(kind.particulars) there",
                fix: kind.hasStrength ? "write \(kind.example)" : "leave it out"
            )
        }
    }

    /// Takes a strength, or what `damp` compares; false for anything else, and for a second one.
    private mutating func takes(_ written: String) -> Bool {
        if kind == .damp, granularity == nil, let word = DampMethod.Granularity(rawValue: written) {
            granularity = word
            return true
        }
        guard kind.hasStrength, strength == nil, granularity == nil, let value = Double(written),
            (0...1).contains(value)
        else { return false }
        strength = value
        return true
    }
}

extension MergeMode: CustomStringConvertible {
    /// Reads as `parsing` takes it.
    public var description: String {
        kind.rawValue + (adapter.map { ":\($0 + 1)" } ?? "") + (strength.map { ":\($0)" } ?? "")
            + (granularity.map { ":\($0)" } ?? "")
    }
}

extension MergeMode.Kind {
    /// What may stand behind it.
    fileprivate var particulars: String {
        guard hasStrength else { return "have nothing" }
        guard self == .damp else { return "be a strength from 0 to 1" }
        let words = DampMethod.Granularity.allCases.map(\.rawValue).joined(separator: ", ")
        return "be a strength from 0 to 1, then one of \(words)"
    }

    /// How it is written with all that it may have.
    fileprivate var example: String {
        switch self {
        case .damp: "damp:0.5:pathway"
        case .protect: "protect:1:0.9"
        default: "\(rawValue):0.9"
        }
    }
}

/// Which way is gone where.
public struct MergeModes: Sendable, Equatable {
    /// Where nothing else is said.
    public var whole: MergeMode
    /// By the names of `PathwayStrengths`.
    public private(set) var pathways: [String: MergeMode] = [:]

    /// One way for all.
    public init(_ whole: MergeMode = MergeMode(.sum)) { self.whole = whole }

    /// Sets a pathway's own way; `face` is video with audio_to_video, `voice` audio with video_to_audio.
    ///
    /// - Throws: `LoRAError` for a name that is no pathway.
    public mutating func set(_ name: String, _ mode: MergeMode, at place: String) throws(LoRAError)
    {
        for name in try Self.names(name, at: place) { pathways[name] = mode }
    }

    /// Reads `video=isolate,audio=pick:2`.
    public mutating func set(parsing text: String, at place: String) throws(LoRAError) {
        for part in text.split(separator: ",") {
            let sides = part.split(separator: "=", maxSplits: 1).map {
                $0.trimmingPrefix(" ")
            }
            guard sides.count == 2 else {
                throw LoRAError(
                    at: place,
                    "\"\(part)\" is no pathway with its way",
                    fix: "write video=isolate,audio=pick:2"
                )
            }
            try set(String(sides[0]), MergeMode(parsing: String(sides[1]), at: place), at: place)
        }
    }

    /// The way for a layer.
    public func mode(of layer: LoRALayer) -> MergeMode {
        pathways[Self.name(of: layer.pathway)] ?? whole
    }

    /// All ways that are gone somewhere.
    public var all: [MergeMode] { [whole] + pathways.values }

    /// The five names, as `PathwayStrengths` has them.
    static func name(of pathway: Pathway) -> String {
        switch pathway {
        case .video, .audio, .audioToVideo, .videoToAudio: pathway.rawValue
        case .videoConnector, .audioConnector, .other: "other"
        }
    }

    private static func names(_ name: String, at place: String) throws(LoRAError) -> [String] {
        switch name {
        case "face": return ["video", "audio_to_video"]
        case "voice": return ["audio", "video_to_audio"]
        case let name where PathwayStrengths.names.contains(name): return [name]
        default:
            throw LoRAError(
                at: place,
                "\"\(name)\" is no part of the model, should be one of "
                    + PathwayStrengths.names.joined(separator: ", ") + ", face or voice",
                fix: "correct it"
            )
        }
    }
}

extension MergeModes: CustomStringConvertible {
    /// Reads `isolate; audio=pick:2`.
    public var description: String {
        ([whole.description] + pathways.sorted { $0.key < $1.key }.map { "\($0)=\($1)" })
            .joined(separator: "; ")
    }
}
