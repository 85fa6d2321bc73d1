import Foundation
import Safetensors
import Testing
import Torch

@testable import LTXModel

/// The recorded files of `Sources/Verification/Recordings`.
enum Fixture {
    static let folder = URL(fileURLWithPath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Sources/Verification/Recordings").path

    /// A file or a folder of weights; without ending for a file.
    static func files(_ name: String) throws -> WeightFiles {
        let path = "\(folder)/\(name)"
        return try WeightFiles(path: isFolder(path) ? path : path + ".safetensors")
    }

    /// A JSON file beside the weights.
    static func configuration(_ name: String) throws -> ConfigObject {
        let data = try Data(contentsOf: URL(fileURLWithPath: "\(folder)/\(name)"))
        return try ConfigObject(json: data, path: name)
    }

    /// An object of the `config` that a single-file checkpoint carries.
    static func metadata(_ files: WeightFiles, _ key: String) throws -> ConfigObject {
        let text = try #require(files.metadata["config"])
        return try ConfigObject(json: Data(text.utf8), path: "config").object(key)
    }

    private static func isFolder(_ path: String) -> Bool {
        var found: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &found) && found.boolValue
    }
}

/// Recorded inputs and outputs of one model, with the tolerance of each.
struct Recording {
    private let name: String
    private let files: WeightFiles
    private let tolerances: [(pattern: String, value: Double)]  // the first match counts

    init(_ name: String) throws {
        self.name = name
        files = try Fixture.files(name)
        let manifest = try Fixture.configuration("manifest.json").object("files")
        let entry = try #require(manifest.value("\(name).safetensors") as? [String: Any])
        let pairs = try #require(entry["tolerances"] as? [[Any]])
        tolerances = try pairs.map { pair in
            try (#require(pair[0] as? String), #require(pair[1] as? NSNumber).doubleValue)
        }
    }

    func tensor(_ name: String) throws -> Tensor { try FileWeights(files).load(name) }

    /// The tolerance that the manifest gives a tensor.
    func tolerance(_ name: String) throws -> Double {
        let matching = tolerances.first { pattern, _ in
            pattern.hasSuffix("*") ? name.hasPrefix(pattern.dropLast()) : name == pattern
        }
        return try #require(matching).value
    }

    /// Expects a result to agree with a recorded tensor, or with a part of it.
    func expect(
        _ result: Tensor,
        agreesWith name: String,
        part: (Tensor) -> Tensor = { $0 },
        at location: SourceLocation = #_sourceLocation
    ) throws {
        let reference = part(try tensor(name))
        let difference = result.relativeDifference(from: reference)
        let allowed = try tolerance(name)
        #expect(
            difference <= allowed,
            "\(self.name): \(name) differs, shape \(result.shape)",
            sourceLocation: location
        )
    }
}

/// Weights in memory, to be changed by a test.
final class ChangedWeights: WeightSource {
    private let source: any WeightSource
    private let dropped: Set<String>
    private let replaced: [String: Tensor]

    init(
        _ source: any WeightSource,
        dropping dropped: Set<String> = [],
        replacing replaced: [String: Tensor] = [:]
    ) {
        self.source = source
        self.dropped = dropped
        self.replaced = replaced
    }

    var names: [String] {
        source.names.filter { !dropped.contains($0) && replaced[$0] == nil }
            + replaced.keys.sorted()
    }

    func shape(of name: String) -> [Int]? {
        dropped.contains(name) ? nil : replaced[name]?.shape ?? source.shape(of: name)
    }

    func load(_ name: String) throws -> Tensor {
        if let tensor = replaced[name] { return tensor }
        return try source.load(name)
    }
}

/// Runs a model without recording gradients.
func running<R>(_ body: () throws -> R) throws -> R {
    try withTorchErrors { try withoutGradients(body) }
}
