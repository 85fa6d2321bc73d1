import Foundation
import Safetensors
import Torch

/// What a checkpoint holds, told from headers alone: version, types, sizes, what is absent.
public struct CheckpointReport {
    /// One component's contents.
    public struct Part: Equatable, Sendable {
        /// The component.
        public let component: Checkpoint.Component
        /// Number of tensors.
        public let tensors: Int
        /// Number of values.
        public let parameters: Int
        /// Bytes on disk.
        public let bytes: Int
        /// Tensors of each stored type, most frequent first.
        public let types: [(type: String, count: Int)]
        /// Values of encoder and decoder, where the component has such halves.
        public let halves: [(name: String, parameters: Int)]

        /// Whether two parts agree.
        public static func == (a: Part, b: Part) -> Bool {
            a.component == b.component && a.tensors == b.tensors && a.bytes == b.bytes
        }
    }

    /// The file or folder.
    public let path: String
    /// The version.
    public let version: ModelVersion
    /// How it lies on disk.
    public let layout: Checkpoint.Layout
    /// The components that are there.
    public let parts: [Part]
    /// Components that are not there.
    public let absent: [Checkpoint.Component]
    /// What a trainer should know before using it.
    public let warnings: [String]
    /// What cannot be done with it, beyond training.
    public let limits: [String]

    /// Reads headers and metadata.
    public init(_ checkpoint: Checkpoint) throws {
        path = checkpoint.path
        version = checkpoint.version
        layout = checkpoint.layout
        let present = Checkpoint.Component.allCases.filter(checkpoint.has)
        parts = try present.map { try Self.part($0, checkpoint) }
        absent = Checkpoint.Component.allCases.filter { !checkpoint.has($0) }
        warnings = Self.warnings(checkpoint, parts)
        limits = Self.limits(checkpoint)
    }

    private static func limits(_ checkpoint: Checkpoint) -> [String] {
        let lacking = [
            (checkpoint.hasVideoDecoder, "no video decoder: latents cannot become pictures"),
            (checkpoint.hasAudioDecoder, "no audio decoder: latents cannot become spectrograms"),
            (checkpoint.hasVocoder, "no vocoder: spectrograms cannot become sound"),
        ]
        return lacking.filter { !$0.0 }.map(\.1)
    }

    private static func part(
        _ component: Checkpoint.Component,
        _ checkpoint: Checkpoint
    ) throws -> Part {
        let weights = try checkpoint.weights(component)
        let infos = weights.names.compactMap(weights.info)
        let halves = ["encoder", "decoder"].map { half in
            let names = weights.names.filter { $0.hasPrefix(half + ".") }
            let count = names.compactMap(weights.info).reduce(0) { $0 + $1.elementCount }
            return (name: half, parameters: count)
        }
        let types = Dictionary(grouping: infos, by: \.dtype.rawValue).mapValues(\.count)
        return Part(
            component: component,
            tensors: infos.count,
            parameters: infos.reduce(0) { $0 + $1.elementCount },
            bytes: infos.reduce(0) { $0 + $1.byteCount },
            types: types.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { (type: $0.key, count: $0.value) },
            halves: halves.filter { $0.parameters > 0 }
        )
    }

    private static func warnings(_ checkpoint: Checkpoint, _ parts: [Part]) -> [String] {
        var warnings: [String] = []
        let name = (checkpoint.path as NSString).lastPathComponent.lowercased()
        if name.contains("distill") {
            warnings.append(
                "looks like a distilled model by its name: LoRAs trained on it do little elsewhere; "
                    + "train on the dev checkpoint"
            )
        }
        let transformer = parts.first { $0.component == .transformer }
        let packed = transformer?.types.filter {
            $0.type.hasPrefix("F8") || ["I8", "U8", "F4"].contains($0.type)
        }
        if let packed, !packed.isEmpty {
            let kinds = packed.map { "\($0.count) tensors in \($0.type)" }.joined(separator: ", ")
            warnings.append(
                "is a quantised model (\(kinds)): LoRAs trained on it are weaker on the full one; "
                    + "train on the bf16 dev checkpoint"
            )
        }
        return warnings
    }

    /// Lines for people.
    public var description: String {
        var lines = ["\(path)", "  \(version.title), \(layout.rawValue)"]
        for part in parts {
            let types = part.types.map { "\($0.type) × \($0.count)" }.joined(separator: ", ")
            let size = String(format: "%.1f MB", Double(part.bytes) / 1e6)
            let name = part.component.rawValue.padding(toLength: 12, withPad: " ", startingAt: 0)
            lines.append(
                "  \(name)\(part.parameters.grouped) parameters, \(size), \(part.tensors) tensors (\(types))"
            )
            let halves = part.halves.map { "\($0.name) \($0.parameters.grouped)" }
            if !halves.isEmpty { lines.append("    " + halves.joined(separator: ", ")) }
        }
        if !absent.isEmpty {
            lines.append("  absent: " + absent.map(\.rawValue).joined(separator: ", "))
        }
        lines += limits.map { "  has \($0)" }
        lines += warnings.map { "  warning: \($0)" }
        return lines.joined(separator: "\n")
    }
}

extension Int {
    /// Digits in groups of three: `18,876,000`.
    var grouped: String {
        let digits = Array(String(self))
        return digits.enumerated().map { index, digit in
            index > 0 && (digits.count - index).isMultiple(of: 3) ? ",\(digit)" : "\(digit)"
        }.joined()
    }
}
