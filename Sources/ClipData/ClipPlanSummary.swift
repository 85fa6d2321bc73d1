internal import ClipCache

/// The most lines that each part of the summary takes; the rest is counted.
private let longestList = 7

extension ClipPlan: CustomStringConvertible {
    /// The plan at a glance: sizes and counts, sound, and what needs a maker's eye.
    public var description: String {
        (headLines + bucketLines + remarkLines + noteLines + refusedLines).joined(separator: "\n")
    }

    private var headLines: [String] {
        let totals = totals
        var lines = [
            "\(totals.clips.counted("clip")), \(totals.itemsPerEpoch.counted("item")) per epoch"
        ]
        guard items.contains(where: { $0.audio != nil }) else {
            return lines + ["sound is not used"]
        }
        let without = totals.clipsWithoutSound
        let seconds = totals.voiceSeconds
        let length =
            seconds < 120 ? "\(seconds.text(0)) seconds" : "\((seconds / 60).text(1)) minutes"
        lines.append(
            "\(totals.clipsWithSound.counted("clip")) with sound, \(length)"
                + (without > 0 ? "; \(without) without" : "")
        )
        return lines
    }

    private var bucketLines: [String] {
        let groups = Dictionary(grouping: items) { "\($0.dataset) \($0.bucketKey)" }.values
        let rows = groups.sorted { Self.isBefore($0[0], $1[0]) }.map(row)
        let header = ["dataset", "size", "frames", "fps", "video latents", "audio", "items"]
        return aligned([header] + cut(rows) { ["and \($0) more sizes"] })
    }

    private static func isBefore(_ left: PlannedItem, _ right: PlannedItem) -> Bool {
        let leftPixels = left.bucket.width * left.bucket.height
        let rightPixels = right.bucket.width * right.bucket.height
        return (left.dataset, -left.window.frameCount, -leftPixels, left.bucketKey)
            < (right.dataset, -right.window.frameCount, -rightPixels, right.bucketKey)
    }

    private func row(_ items: [PlannedItem]) -> [String] {
        let first = items[0]
        let rules = datasets[first.dataset]
        let times = rules.repeats > 1 ? " x \(rules.repeats)" : ""
        let isStill = first.window.frameCount == 1
        return [
            rules.label + (rules.isRegularisation ? " (reg)" : ""),
            "\(first.bucket.width)x\(first.bucket.height)",
            "\(first.window.frameCount)",
            isStill ? "-" : "\(first.window.rate.text(first.window.rate.decimals))",
            "\(first.latentShape)",
            first.audio.map { "\($0.latentCount)" } ?? "-",
            "\(items.count)\(times)",
        ]
    }

    private var remarkLines: [String] { cut(remarks) { "and \($0) more remarks" } }

    /// Notes of one kind are one line with the clips behind it.
    private var noteLines: [String] {
        let groups = Dictionary(grouping: notes, by: \.note.heading)
        let lines = groups.sorted { ($1.value.count, $0.key) < ($0.value.count, $1.key) }.map {
            "\($0.key): \(Self.names($0.value.map(\.label)))"
        }
        return cut(lines) { "and \($0) more notes" }
    }

    private var refusedLines: [String] {
        let lines = refused.map { "not used: \($0.name): \($0.reason)" }
        return cut(lines) { "and \($0) more files that are not used" }
    }

    private static func names(_ names: [String]) -> String {
        let distinct = names.reduce(into: [String]()) { if $0.last != $1 { $0.append($1) } }
        let rest = distinct.count - 3
        return distinct.prefix(3).joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")
    }

    private func cut<Line>(_ lines: [Line], _ rest: (Int) -> Line) -> [Line] {
        guard lines.count > longestList else { return lines }
        return lines.prefix(longestList - 1) + [rest(lines.count - longestList + 1)]
    }

    /// Pads the columns of a table; a row of one cell is a remark inside it.
    private func aligned(_ rows: [[String]]) -> [String] {
        let full = rows.filter { $0.count > 1 }
        let widths = full[0].indices.map { column in full.map { $0[column].count }.max() ?? 0 }
        return rows.map { row in
            let cells = zip(row, widths).map { cell, width in
                row.count > 1
                    ? cell + String(repeating: " ", count: max(0, width - cell.count)) : cell
            }
            return "  " + cells.joined(separator: "  ").trimmedEnd
        }
    }
}

extension ClipPlan.NotedClip {
    /// The clip with what is particular to it.
    fileprivate var label: String { note.detail.isEmpty ? name : "\(name) (\(note.detail))" }
}

extension Double {
    /// Decimals that a frame rate needs: 24 takes none, 23.976 takes three.
    fileprivate var decimals: Int { self == rounded() ? 0 : 3 }
}

extension Int {
    /// The number with its noun in the right number.
    fileprivate func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}

extension String {
    fileprivate var trimmedEnd: String {
        guard let last = lastIndex(where: { $0 != " " }) else { return "" }
        return String(self[...last])
    }
}
