/// What became of a pathway, in plain words.
struct PathwayWords {
    let measures: PathwayMeasures
    /// Names of the files.
    let names: [String]
    /// The way that was gone, and over what loudness was compared.
    let mode: MergeMode

    /// Sentences without the pathway's name, so that those of several pathways can be told once.
    var sentences: [String] {
        if mode.kind == .pick, let adapter = mode.adapter { return [picked(names[adapter])] }
        guard !measures.hasMagnitudes else { return [Self.added] }
        guard measures.measured > 0 else { return [] }
        let start = mode.kind == .damp ? loudness : [interference].compactMap(\.self)
        return start + [regime].compactMap(\.self) + guards
    }

    private static let added =
        "the DoRAs were added exactly, as one DoRA; how much they are in each other's way was not measured."

    private func picked(_ name: String) -> String {
        "\(name) alone, bit by bit; nothing of the others is there, so nothing can mix."
    }

    // MARK: - Interference

    /// Nothing where the layers' real inputs are known: what adapters answer to by their weights is not what was
    /// reduced there.
    private var interference: String? {
        guard measures.errorsAfter.isEmpty else { return nil }
        let first = mode.kind == .protect ? mode.adapter : nil
        let before = first.map { measures.crossingsBefore[$0] } ?? measures.crossingBefore
        let after = first.map { measures.crossingsAfter[$0] } ?? measures.crossingAfter
        let start =
            "on what \(first.map { names[$0] } ?? "an adapter") answers to, others add \(before.percent) of its energy"
        guard after < before * 0.995 else {
            return "\(start); \(unreduced(after > before * 1.005 ? after : nil))."
        }
        let share = (1 - after / max(before, 1e-12)).percent
        let left =
            first == nil
            ? "\(measures.own.percent) of its own answer left"
            : "\(measures.own.percent) of the others' own answers left and nothing of its own changed"
        return "\(start) as a plain sum, \(after.percent) now: reduced by \(share), with \(left)."
    }

    /// Why it is as it was, or what it has become.
    private func unreduced(_ grown: Double?) -> String {
        if mode.kind == .sum { return "the exact sum leaves it so" }
        guard let grown else { return "that was not reduced" }
        return "it grew to \(grown.percent): here a plain sum keeps them apart better"
    }

    private var regime: String? {
        if measures.inputMedian > 0.9, measures.chance <= LoRAComparison.mostChance {
            return
                "the adapters read nearly the same directions, as after training from one seed; weights alone cannot "
                + "tell them apart well. Train with different seeds."
        }
        let isApart =
            measures.inputCosine < 1.3 * measures.chance && measures.crossingBefore < 0.05
        guard isApart, mode.kind == .isolate || mode.kind == .protect else { return nil }
        return
            "the adapters read directions as different as random ones, so by weights there is next to nothing to "
            + "remove; what bleeds in spite of that only calibrated sees."
    }

    private var guards: [String] {
        let words = [
            MergeGuard.amplification:
                "isolation was weakened so that nothing gets louder than the sum allows",
            .opposed: "adapters nearly cancel each other; what is left of them is small",
        ]
        return words.compactMap { key, text in
            measures.guards[key.rawValue].map { "at \($0) layers \(text)." }
        }.sorted()
    }

    // MARK: - Loudness

    /// Which files were made quieter, and by how much.
    private var loudness: [String] {
        let damped = measures.norms.indices.filter {
            measures.normsAfter[$0] < measures.norms[$0] * 0.999
        }
        guard !damped.isEmpty else { return [unchanged] }
        let parts = damped.map { "\(names[$0]) by \(quieter($0).percent)" }
            .joined(separator: ", ")
        let what: String
        switch mode.granularity {
        case .column: what = "columns that are louder than the mean were made quieter"
        case .module: what = "layers that are louder than the mean were made quieter"
        case .pathway, .file, nil: what = "made quieter"
        }
        return [
            "\(what): \(parts) (norms \(told(measures.norms)) before, \(told(measures.normsAfter)) now).",
            "whether a file is loud by mistake or by right, weights cannot tell; compare with the sum.",
        ]
    }

    private var unchanged: String {
        switch mode.granularity {
        case .file: "nothing was damped: over all layers no file is 1.5 times as loud as another."
        case .pathway, nil:
            "nothing was damped: no file is 1.5 times as loud as another (norms \(told(measures.norms)))."
        case .module, .column:
            "nothing was damped: at no layer is a file 1.5 times as loud as another."
        }
    }

    private func quieter(_ adapter: Int) -> Double {
        1 - measures.normsAfter[adapter] / max(measures.norms[adapter], 1e-300)
    }

    private func told(_ values: [Double]) -> String { values.map(\.short).joined(separator: ", ") }
}
