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

    /// The mean over the layers of all pathways in which an adapter was seen.
    var errorWords: [String] {
        names.indices.compactMap { index in
            let seen = predicted.filter { $0.errorsAfter[index] != nil }
            let layers = Double(seen.reduce(0) { $0 + $1.measured })
            guard layers > 0 else { return nil }
            func mean(_ errors: (PathwayMeasures) -> [Double?]) -> Double {
                seen.reduce(0) { $0 + (errors($1)[index] ?? 0) * Double($1.measured) } / layers
            }
            return
                "\(names[index]): predicted error on its own inputs, 0 being as if it were alone: "
                + "\(mean(\.errorsBefore).percent) as a plain sum, \(mean(\.errorsAfter).percent) now."
        }
    }
}
