import Foundation

extension MergeReport {
    /// The report for a terminal: a table by pathway, and what it means in words.
    public var text: String {
        let head =
            "pathway          way            layers  norms               cosine (chance)  crossing      own"
        let table = [head] + pathways.map(\.line) + [""] + errorTable
        return (table + words).joined(separator: "\n")
    }

    /// What was reduced, by how much, and what cannot be.
    public var words: [String] {
        let source = measuredInputs.map { ["What layers read is known from \($0)."] } ?? []
        return source + pathways.flatMap(\.words) + errorWords + [limits]
    }

    // MARK: - Predicted errors

    /// Pathways of which it is known what adapters read.
    private var predicted: [PathwayMeasures] { pathways.filter { !$0.errorsAfter.isEmpty } }

    /// How far each adapter on its own inputs is from being alone: as a sum, and now.
    private var errorTable: [String] {
        guard !predicted.isEmpty else { return [] }
        let width = max(18, (names.map(\.count).max() ?? 0) + 2)
        let head = "predicted error".padded(17) + names.map { $0.padded(width) }.joined()
        let lines = predicted.map { row in
            row.pathway.padded(17)
                + zip(row.errorsBefore, row.errorsAfter).map { before, after in
                    guard let before, let after else { return "–".padded(width) }
                    return "\(before.percent) → \(after.percent)".padded(width)
                }.joined()
        }
        return [head] + lines + [""]
    }

    /// The mean over the layers of all pathways in which an adapter was seen; nil if there are none.
    private func mean(_ adapter: Int, _ errors: (PathwayMeasures) -> [Double?]) -> Double? {
        let seen = predicted.filter { $0.errorsAfter[adapter] != nil }
        let layers = Double(seen.reduce(0) { $0 + $1.measured })
        guard layers > 0 else { return nil }
        return seen.reduce(0) { $0 + (errors($1)[adapter] ?? 0) * Double($1.measured) } / layers
    }

    private var errorWords: [String] {
        let own = names.indices.compactMap { index -> String? in
            guard let before = mean(index, \.errorsBefore), let after = mean(index, \.errorsAfter)
            else { return nil }
            return
                "\(names[index]): predicted error on its own inputs, 0 being as if it were alone: "
                + "\(before.percent) as a plain sum, \(after.percent) now."
        }
        return own + (own.isEmpty ? [] : [weakerSum])
    }

    /// What could be had without any method.
    private var weakerSum: String {
        func mean(_ errors: (PathwayMeasures) -> [Double?]) -> Double {
            let all = names.indices.compactMap { self.mean($0, errors) }
            return all.reduce(0, +) / Double(all.count)
        }
        let best = WeakerSum(whole: mean(\.errorsBefore), half: mean(\.errorsOfHalf))
        return
            "A plain sum at strength \(best.strength.short), the best for all of them, would come to "
            + "\(best.error.percent) on average; this comes to \(mean(\.errorsAfter).percent)."
    }

    private var limits: String {
        layers.contains { $0.live > 1 }
            ? "A merged file can only go by what a token looks like: two people whose prompts read alike still blend, "
                + "most of all where they touch. Names that differ, and both triggers in the prompt, help."
            : "No layer has more than one adapter at work, so nothing mixes there; both triggers still belong in the prompt."
    }
}

extension PathwayMeasures {
    fileprivate var line: String {
        let norms = norms.map { $0.short }.joined(separator: " ")
        guard measured > 0 else {
            return pathway.padded(17) + mode.padded(15) + "\(layers)".padded(8) + norms
        }
        let start =
            pathway.padded(17) + mode.padded(15) + "\(layers)".padded(8) + norms.padded(20)
            + "\(inputCosine.short) (\(chance.short))".padded(17)
        // By weights alone; where real inputs are known, these are what is reduced.
        guard errorsAfter.isEmpty else { return start + "\(crossingBefore.percent)" }
        return start + "\(crossingBefore.percent) → \(crossingAfter.percent)".padded(14)
            + own.percent
    }

    /// The same in words.
    var words: [String] {
        guard measured > 0 else { return [] }
        return [interference, regime].compactMap(\.self) + guardWords
    }

    /// Nothing where the layers' real inputs are known: what adapters answer to by their weights is not what
    /// was reduced there.
    private var interference: String? {
        guard errorsAfter.isEmpty else { return nil }
        let start =
            "\(pathway): on what an adapter answers to, others add \(crossingBefore.percent) of its energy"
        guard crossingAfter < crossingBefore * 0.995 else {
            return start
                + (mode == "sum" ? "; the exact sum leaves it so." : "; that was not reduced.")
        }
        let share = 1 - crossingAfter / max(crossingBefore, 1e-12)
        return start
            + " as a plain sum, \(crossingAfter.percent) now: reduced by \(share.percent), with "
            + "\(own.percent) of its own answer left."
    }

    private var regime: String? {
        if inputMedian > 0.9 {
            return
                "\(pathway): the adapters read nearly the same directions (median cosine \(inputMedian.short)), as "
                + "after training from one seed; weights alone cannot tell them apart well. Train with different seeds."
        }
        guard inputCosine < 1.3 * chance, mode.hasPrefix("isolate") || mode.hasPrefix("protect")
        else {
            return nil
        }
        return
            "\(pathway): the adapters read directions as different as random ones (cosine \(inputCosine.short), "
            + "chance \(chance.short)); isolation by weights has next to nothing to remove, calibrated sees more."
    }

    private var guardWords: [String] {
        let words = [
            MergeGuard.amplification:
                "isolation was weakened so that nothing gets louder than the sum allows",
            .opposed: "adapters nearly cancel each other; what is left of them is small",
        ]
        return words.compactMap { key, text in
            guards[key.rawValue].map { "\(pathway): at \($0) layers \(text)." }
        }.sorted()
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

extension String {
    fileprivate func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(1, width - count))
    }
}
