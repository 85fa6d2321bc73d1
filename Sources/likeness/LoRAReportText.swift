import Adapters
import Foundation
import LTXModel
import LoRATools
import TrainingRun

/// A report on an adapter file for people.
struct LoRAReportText {
    private let report: LoRAReport
    private static let barWidth = 20

    init(_ report: LoRAReport) { self.report = report }

    var text: String { (heading + [""] + chart + remarks).joined(separator: "\n") }

    private var heading: [String] {
        let kinds = Self.list(
            report.kinds.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { (AdapterKind(rawValue: $0.key)?.title ?? $0.key, $0.value) }
        )
        let ranks = Self.list(
            report.ranks.sorted { $0.key < $1.key }.map { ("\($0.key)", $0.value) }
        )
        let version = report.version.flatMap(ModelVersion.init(rawValue:))?.title
        return [
            report.file,
            row("kind", "\(kinds) on \(String.layers(report.layers.count))"),
            row("rank", ranks.isEmpty ? "none" : ranks),
            row("alpha", alphas),
            row("names", report.dialect),
            row("base", version ?? "not told by the file: it fits LTX-2.0 and later alike"),
            row("trigger", report.trigger ?? "not told by the file"),
            row("steps", report.steps.map(String.init) ?? "not told by the file"),
            row(
                "size",
                "\(report.bytes.inBytes), \(report.values) values of \(report.types.joined(separator: ", "))"
            ),
        ]
    }

    private func row(_ name: String, _ value: String) -> String {
        "  " + name.padding(toLength: 9, withPad: " ", startingAt: 0) + value
    }

    private var alphas: String {
        guard !report.alphas.isEmpty else { return "none, which means a scale of 1" }
        return Self.list(report.alphas.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
    }

    /// The value alone if there is one, else each with how often.
    private static func list(_ counts: [(String, Int)]) -> String {
        guard counts.count > 1 else { return counts.first?.0 ?? "" }
        return counts.map { "\($0.0) (\($0.1))" }.joined(separator: ", ")
    }

    private var chart: [String] {
        let largest = report.pathways.map(\.norm).max() ?? 0
        let blocks = report.pathways.map(\.blocks.count).max() ?? 0
        let together = Self.blocksPerMark(blocks)
        let steps = together > 1 ? ", \(together) at a time" : ""
        let title =
            "  norm of the change" + (blocks > 0 ? ", and by block 0...\(blocks - 1)\(steps)" : "")
        return [title]
            + report.pathways.map { pathway in
                let name = pathway.pathway.padding(toLength: 16, withPad: " ", startingAt: 0)
                let bar = Self.bar(pathway.norm, of: largest)
                let number = String(format: "%10.4g", pathway.norm)
                return "  \(name)\(bar)\(number)  \(Self.spark(pathway.blocks, together))"
            }
    }

    /// A bar of eighths of a character.
    private static func bar(_ value: Double, of largest: Double) -> String {
        guard largest > 0 else { return String(repeating: " ", count: barWidth) }
        let eighths = Int((value / largest * Double(barWidth * 8)).rounded())
        let rests = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"]
        let bar = String(repeating: "█", count: eighths / 8) + rests[eighths % 8]
        return bar + String(repeating: " ", count: max(0, barWidth - bar.count))
    }

    /// So many that a line has at most 80 columns.
    private static func blocksPerMark(_ blocks: Int) -> Int { max(1, (blocks + 29) / 30) }

    /// A mark for each block, or for the root mean square of some beside each other.
    private static func spark(_ blocks: [Double], _ together: Int) -> String {
        let values = stride(from: 0, to: blocks.count, by: together).map { start -> Double in
            let part = blocks[start..<min(start + together, blocks.count)]
            return (part.reduce(0) { $0 + $1 * $1 } / Double(part.count)).squareRoot()
        }
        let largest = values.max() ?? 0
        let marks = ["▁", "▂", "▃", "▄", "▅", "▆", "▇", "█"]
        return values.map { value in
            guard value > 0, largest > 0 else { return "·" }
            return marks[min(7, Int(value / largest * 8))]
        }.joined()
    }

    private var remarks: [String] {
        var lines: [String] = []
        if report.isNearZero {
            lines.append(
                "This is a near-zero LoRA: no layer changes its matrix by more than 0.1 % of the usual "
                    + "length of such a matrix. It will hardly do anything; train longer or at a higher rate."
            )
        }
        let (dead, broken) = (report.dead, report.broken)
        if !dead.isEmpty {
            lines.append(
                "\(String.layers(dead.count)) do nothing (B is zero, or the norm is below 1e-6 of the "
                    + "largest): \(Self.shown(dead))"
            )
        }
        if !broken.isEmpty {
            lines.append(
                "\(String.layers(broken.count)) hold values that are not finite and would destroy the "
                    + "picture: \(Self.shown(broken))"
            )
        }
        return lines.isEmpty ? [] : [""] + lines
    }

    private static func shown(_ paths: [String]) -> String {
        let rest = paths.count > 3 ? " and \(paths.count - 3) more" : ""
        return paths.prefix(3).joined(separator: ", ") + rest
    }
}

/// A comparison of two adapters for people.
struct LoRAComparisonText {
    private let comparison: LoRAComparison

    init(_ comparison: LoRAComparison) { self.comparison = comparison }

    var text: String { ([start, ""] + table).joined(separator: "\n") }

    private var start: String {
        let median = String(format: "%.2f", comparison.medianCosine)
        let measured =
            "median cosine between what both read is \(median) over "
            + String.layers(comparison.sharedLayers)
        switch comparison.start {
        case .shared:
            return
                "Both began with the same random matrix: \(measured), above 0.9. Added up they mix; "
                + "train one of them with another seed, or merge them with care."
        case .untold:
            return
                "How both began cannot be told: their rank is so near the width of the layers that random ones read "
                + "nearly the same too (\(measured))."
        case .separate: return "Both began on their own: \(measured), below 0.5."
        case .unclear:
            return
                "Whether both began with the same random matrix is unclear: \(measured), between 0.5 "
                + "and 0.9."
        }
    }

    private var table: [String] {
        ["  overlap         layers  median cosine  rms cosine  by chance  correlation"]
            + comparison.overlaps.map { overlap in
                let name = overlap.pathway.padding(toLength: 16, withPad: " ", startingAt: 0)
                let numbers = String(
                    format: "%6d%15.3f%12.3f%11.3f%13.3f",
                    overlap.layers,
                    overlap.medianCosine,
                    overlap.rmsCosine,
                    overlap.chance,
                    overlap.correlation
                )
                return "  " + name + numbers
            }
    }
}
