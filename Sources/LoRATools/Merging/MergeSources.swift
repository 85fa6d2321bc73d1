import Adapters
import LTXModel
import Torch

/// The files of a merge, opened and compared; nothing but headers and alphas is read.
struct MergeSources: Sendable {
    /// The files, in the order of the request.
    let files: [LoRAFile]
    /// What each layer of the result is made of, in the model's order.
    let layers: [LayerMerge]
    /// Spelling of the names.
    let dialect: KeyDialect

    /// Opens the files and looks at every layer.
    ///
    /// - Throws: `MergeRefusal` with everything that stands in the way.
    init(_ request: MergeRequest) throws {
        var faults = request.faults
        files = try request.inputs.map { try LoRAFile(path: $0.path) }
        dialect = request.dialect ?? files.first?.dialect ?? .comfyUI
        faults += Self.versionFaults(files) + Self.overlapFaults(files)
        var layers: [LayerMerge] = []
        var ranked = request
        // A missing rank is told below, once for each file.
        ranked.kroneckerRank = request.kroneckerRank ?? 1
        for shares in Self.shares(files, request) {
            do throws(LoRAError) {
                layers.append(try LayerMerge(shares, ranked, dialect: dialect))
            } catch {
                faults.append(error)
            }
        }
        self.layers = layers.filter { !$0.shares.isEmpty }
        faults += try Self.kroneckerFaults(files, self.layers, request)
        if self.layers.isEmpty, faults.isEmpty {
            faults.append(
                LoRAError(
                    at: request.output,
                    "nothing would be in it, should have layers",
                    fix: "give a strength other than 0 and pick a file that has the pathway"
                )
            )
        }
        guard faults.isEmpty else { throw MergeRefusal(faults) }
    }

    /// The shares of each layer, in the model's order.
    private static func shares(_ files: [LoRAFile], _ request: MergeRequest) -> [[LayerShare]] {
        var found: [String: [LayerShare]] = [:]
        for (number, file) in files.enumerated() {
            for layer in file.layers {
                let weight = request.inputs[number].strengths.strength(of: layer.path)
                found[layer.path, default: []].append(
                    LayerShare(adapter: number, layer: layer, weight: weight)
                )
            }
        }
        return ordered(found.keys).compactMap { found[$0] }
    }

    /// All names, each once, in the model's order.
    private static func ordered(_ paths: some Sequence<String>) -> [String] {
        Set(paths).compactMap { LayerNames.place(of: $0) }.sorted().map(\.path)
    }

    private static func versionFaults(_ files: [LoRAFile]) -> [LoRAError] {
        let known = files.compactMap { file in file.version.map { (file.path, $0) } }
        guard let first = known.first,
            let other = known.first(where: { $0.1 != first.1 })
        else { return [] }
        return [
            LoRAError(
                at: other.0,
                "is for LTX-\(other.1.rawValue), \(first.0) is for LTX-\(first.1.rawValue), "
                    + "should be for the same",
                fix: "use adapters of one version of the model"
            )
        ]
    }

    /// Files that are for the same pathways and have no layer in common hardly belong together.
    private static func overlapFaults(_ files: [LoRAFile]) -> [LoRAError] {
        var faults: [LoRAError] = []
        for (number, file) in files.enumerated().dropFirst() {
            let before = files[..<number].flatMap(\.layers)
            guard Set(before.map(\.path)).isDisjoint(with: file.layers.map(\.path)),
                !Set(before.map(\.pathway)).isDisjoint(with: file.layers.map(\.pathway))
            else { continue }
            faults.append(
                LoRAError(
                    at: file.path,
                    "has no layer in common with the files before it, though it is for the same "
                        + "pathways: \(LoRAError.shown(file.layers.map(\.path).prefix(3)))",
                    fix: "check with likeness lora inspect that all are for the same model"
                )
            )
        }
        return faults
    }
}

/// Everything that stands in the way of a merge.
public struct MergeRefusal: Error, Equatable, CustomStringConvertible {
    /// The faults, in the order in which they were found.
    public let faults: [LoRAError]

    init(_ faults: [LoRAError]) { self.faults = faults }

    /// A line for each of the first ten; the same fault of several layers of a file is told once.
    public var description: String {
        var groups: [(key: [String], faults: [LoRAError])] = []
        for fault in faults {
            let file = fault.place.split(separator: ", ").first.map(String.init) ?? ""
            let key = [file, fault.problem, fault.fix]
            if let place = groups.firstIndex(where: { $0.key == key }) {
                if !groups[place].faults.contains(fault) { groups[place].faults.append(fault) }
            } else {
                groups.append((key, [fault]))
            }
        }
        let rest = groups.count > 10 ? ["and \(groups.count - 10) more"] : []
        return (groups.prefix(10).map { Self.line($0.faults) } + rest).joined(separator: "\n")
    }

    private static func line(_ faults: [LoRAError]) -> String {
        let first = faults[0]
        guard faults.count > 1 else { return first.description }
        let others = "\(faults.count - 1) other layer\(faults.count == 2 ? "" : "s")"
        return "\(first.place) and \(others): \(first.problem); \(first.fix)"
    }
}
