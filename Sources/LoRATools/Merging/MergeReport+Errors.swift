extension MergeReport {
    /// Pathways of which it is known what adapters read.
    private var predicted: [PathwayMeasures] { pathways.filter { !$0.errorsAfter.isEmpty } }

    /// How far each adapter on its own inputs is from being alone: as a sum, and now.
    var errorTable: [String] {
        guard !predicted.isEmpty else { return [] }
        let rows = predicted.map { row in
            [row.pathway]
                + zip(row.errorsBefore, row.errorsAfter).map { before, after in
                    guard let before, let after else { return "-" }
                    return "\(before.percent) → \(after.percent)"
                }
        }
        return TextTable([["predicted error"] + names] + rows).lines + [""]
    }

    /// The mean over the layers of all pathways in which an adapter was seen; nil if there are none.
    private func mean(_ adapter: Int, _ errors: (PathwayMeasures) -> [Double?]) -> Double? {
        let seen = predicted.filter { $0.errorsAfter[adapter] != nil }
        let layers = Double(seen.reduce(0) { $0 + $1.measured })
        guard layers > 0 else { return nil }
        return seen.reduce(0) { $0 + (errors($1)[adapter] ?? 0) * Double($1.measured) } / layers
    }

    /// A sentence for each adapter, and what could be had without any method.
    var errorWords: [String] {
        let own = names.indices.compactMap { index -> String? in
            guard let before = mean(index, \.errorsBefore), let after = mean(index, \.errorsAfter)
            else { return nil }
            return
                "\(names[index]): predicted error on its own inputs, 0 being as if it were alone: "
                + "\(before.percent) as a plain sum, \(after.percent) now."
        }
        return own + (own.isEmpty ? [] : [weakerSum])
    }

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
}
