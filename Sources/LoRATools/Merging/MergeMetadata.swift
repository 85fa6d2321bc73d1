import Adapters
import Foundation

/// What a merged file says of itself.
struct MergeMetadata {
    /// The key that holds what is only known at the end.
    static let reserve = "likeness_merge"
    private static let room = 24_576
    private let run: MergeRun

    init(_ run: MergeRun) { self.run = run }

    /// With room for the rest.
    var reserved: [String: String] {
        var values = common
        values[Self.reserve] = String(repeating: " ", count: Self.room)
        return values
    }

    /// With everything.
    func complete(_ report: MergeReport) throws -> [String: String] {
        var values = common
        values[Self.reserve] = try json(report, measures: report.pathways)
        guard (values[Self.reserve] ?? "").utf8.count < Self.room / 2 else {
            values[Self.reserve] = try json(report, measures: [])
            return values
        }
        return values
    }

    /// The base version and the words that call the characters, of all sources.
    private var common: [String: String] {
        var values = ["format": "pt", "software": "likeness"]
        for file in run.sources.files {
            for (key, value) in file.metadata
            where ["ss_base_model_version", "arch", "modelspec.architecture"].contains(key) {
                values[key] = values[key] ?? value
            }
        }
        let words = run.sources.files.compactMap {
            $0.metadata["trigger_word"] ?? $0.metadata["trigger"]
        }
        if !words.isEmpty { values["trigger_word"] = words.joined(separator: ", ") }
        return values
    }

    private func json(_ report: MergeReport, measures: [PathwayMeasures]) throws -> String {
        let content = Content(
            sources: zip(zip(run.request.inputs, report.digests), report.truncations).map {
                Source(
                    name: URL(fileURLWithPath: $0.0.path).lastPathComponent,
                    sha256: $0.1,
                    strength: "\($0.0.strengths)",
                    lost: $1?.share.rounded(to: 6)
                )
            },
            modes: "\(run.request.modes)",
            strength: run.request.strength,
            measures: measures
        )
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(content), as: UTF8.self)
    }

    private struct Content: Encodable {
        let sources: [Source]
        let modes: String
        let strength: Double?
        let measures: [PathwayMeasures]
    }

    private struct Source: Encodable {
        let name: String
        let sha256: String
        let strength: String
        /// Share of its change that a chosen rank cut off.
        let lost: Double?
    }
}
