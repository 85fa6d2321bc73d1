import Foundation

extension MergeReport {
    /// The report for a terminal: a table by pathway, and what it means in words.
    public var text: String {
        let sources = zip(names, strengths).enumerated().map { number, source in
            ["\(number + 1)", source.0, "strength \(source.1)"]
        }
        let rows = [PathwayMeasures.head] + pathways.map(\.cells)
        return
            (TextTable(sources).lines + [""] + TextTable(rows).lines + [""]
            + errorTable + words)
            .joined(separator: "\n")
    }

    /// What was reduced, by how much, and what cannot be.
    public var words: [String] {
        let source = measuredInputs.map { ["What layers read is known from \($0)."] } ?? []
        let told = sentences.map { "\($0.pathways.joined(separator: ", ")): \($0.text)" }
        return source + told + errorWords + cuts + sampling + [limits]
    }

    /// What is to be said, each once with the pathways of which it is true.
    private var sentences: [(text: String, pathways: [String])] {
        var found: [(text: String, pathways: [String])] = []
        for measures in pathways {
            var mode = modes.pathways[measures.pathway] ?? modes.whole
            mode.granularity = mode.granularity ?? granularity
            let words = PathwayWords(measures: measures, names: names, mode: mode)
            for text in words.sentences {
                guard let place = found.firstIndex(where: { $0.text == text }) else {
                    found.append((text, [measures.pathway]))
                    continue
                }
                found[place].pathways.append(measures.pathway)
            }
        }
        return found
    }

    private var cuts: [String] {
        zip(names, truncations).compactMap { name, cut in
            guard let cut else { return nil }
            return
                "\(name): the rank that was chosen for its LoKrs leaves out \(cut.share.percent) of their change "
                + "(norm of the difference over the norm of the change), the least that this rank allows."
        }
    }

    private var sampling: [String] {
        let blocks = Set(pathways.flatMap(\.sampledBlocks)).sorted().map(String.init)
        guard !blocks.isEmpty else { return [] }
        return [
            "Layers that nothing changes were measured at blocks \(blocks.joined(separator: " and ")) only, which stand "
                + "for the others; --report measures all."
        ]
    }

    private var limits: String {
        layers.contains { $0.live > 1 }
            ? "A merged file can only go by what a token looks like: two people whose prompts read alike still blend, "
                + "most of all where they touch. Names that differ, and both triggers in the prompt, help."
            : "No layer has more than one adapter at work, so nothing mixes there; both triggers still belong in the prompt."
    }
}

extension PathwayMeasures {
    static let head = [
        "pathway", "way", "layers", "norms", "cosine (chance)", "crossing", "own left",
    ]

    /// A row of the table; dashes where nothing was measured.
    var cells: [String] {
        let start = [
            pathway, mode, "\(layers)", norms.contains { $0 > 0 } ? loudness : "-",
        ]
        guard measured > 0 else { return start + ["-", "-", "-"] }
        let cosine = "\(inputCosine.short) (\(chance.short))"
        // By weights alone; where real inputs are known, their errors are what was reduced.
        guard errorsAfter.isEmpty else { return start + [cosine, crossingBefore.percent, "-"] }
        return start + [cosine, crossing, own.percent]
    }

    /// Before and after, or both at once.
    var crossing: String {
        crossingBefore == crossingAfter
            ? crossingBefore.percent : "\(crossingBefore.percent) → \(crossingAfter.percent)"
    }

    /// Norms of the files, and what damping left of them.
    var loudness: String {
        let before = norms.map(\.short).joined(separator: ", ")
        guard normsAfter != norms else { return before }
        return before + " → " + normsAfter.map(\.short).joined(separator: ", ")
    }
}

/// Rows whose columns stand below each other.
struct TextTable {
    let lines: [String]

    init(_ rows: [[String]]) {
        let columns = rows.map(\.count).max() ?? 0
        let widths = (0..<columns).map { column in
            rows.map { $0.indices.contains(column) ? $0[column].count : 0 }.max() ?? 0
        }
        lines = rows.map { row in
            let cells = zip(row, widths).map { text, width in
                text + String(repeating: " ", count: width - text.count)
            }
            return String(
                cells.joined(separator: "  ").reversed().drop { $0 == " " }.reversed()
            )
        }
    }
}

extension Double {
    /// Two digits that count.
    var short: String {
        guard isFinite, self != 0 else { return "0" }
        return String(format: abs(self) < 0.01 ? "%.1e" : abs(self) < 10 ? "%.2f" : "%.1f", self)
    }

    /// `12 %`, with a digit more where it is small.
    var percent: String {
        guard isFinite else { return "?" }
        return String(format: abs(self) < 0.1 ? "%.1f %%" : "%.0f %%", self * 100)
    }
}
