import Adapters
import Foundation

/// Removes layers from an adapter.
public struct LoRAStrip: Sendable {
    private let pathways: PathwayStrengths?
    private let patterns: [String]

    /// What is removed: whole pathways, and layers whose name contains a pattern.
    ///
    /// - Parameters:
    ///   - pathways: names as `face,other`, comma-separated; nil for none.
    ///   - patterns: parts of names; `*` stands for anything.
    /// - Throws: `AdapterChoiceError` for unknown pathways.
    public init(pathways: String?, patterns: [String]) throws {
        self.patterns = patterns
        self.pathways = try pathways.map { names in
            let marked = names.split(separator: ",", omittingEmptySubsequences: false)
                .map { "\($0)=1" }.joined(separator: ",")
            return try PathwayStrengths(parsing: "0,\(marked)", at: "--pathways")
        }
    }

    /// Whether a layer is removed.
    public func removes(_ layer: LoRALayer) -> Bool {
        if let pathways, pathways.strength(of: layer.path) == 1 { return true }
        return patterns.contains { Self.matches(layer.path, $0) }
    }

    /// Writes the rest, byte by byte; returns the layers that are gone.
    ///
    /// - Throws: `LoRAError` if nothing matches, or nothing would be left.
    @discardableResult
    public func write(
        _ file: LoRAFile,
        to path: String,
        progress: @escaping LoRAProgress = { _, _ in }
    ) throws -> [LoRALayer] {
        try LoRAOutput.check(path, inputs: [file.path])
        let gone = file.layers.filter(removes)
        guard !gone.isEmpty else {
            throw LoRAError(
                at: file.path,
                "has no layer that matches, its pathways are \(file.pathwayNames)",
                fix:
                    "choose from these, or a part of a name that likeness lora inspect --json shows"
            )
        }
        guard gone.count < file.layers.count else {
            throw LoRAError(
                at: file.path,
                "has \(gone.count) layers and all match, some should stay",
                fix: "remove fewer"
            )
        }
        var rewrite = LoRARewrite(metadata: file.metadata)
        rewrite.metadata["stripped_layers"] = String(gone.count)
        for (_, part) in file.parts(where: { !removes($0) }) {
            try rewrite.copy(part, of: file.file)
        }
        try rewrite.write(to: path, progress: progress)
        return gone
    }

    /// Whether the pieces between the stars stand in the name, one after the other.
    static func matches(_ path: String, _ pattern: String) -> Bool {
        var rest = path[...]
        for piece in pattern.split(separator: "*") {
            guard let found = rest.range(of: piece) else { return false }
            rest = rest[found.upperBound...]
        }
        return pattern.contains { $0 != "*" }
    }
}

extension LoRAFile {
    /// Names of the pathways that it has layers of.
    var pathwayNames: String {
        let there = Set(layers.map(\.pathway))
        return Pathway.allCases.filter(there.contains).map(\.rawValue).joined(separator: ", ")
    }
}
