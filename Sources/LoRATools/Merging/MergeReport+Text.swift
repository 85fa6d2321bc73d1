import Foundation

extension MergeReport {
    /// The report for a terminal: a table by pathway, and what it means in words.
    public var text: String {
        let head =
            "pathway          way            layers  norms               cosine (chance)  crossing      own"
        return ([head] + pathways.map(\.line) + [""] + words).joined(separator: "\n")
    }

    /// What was reduced, by how much, and what cannot be.
    public var words: [String] {
        let pathways = pathways
        let sampled = pathways.contains { !$0.sampledBlocks.isEmpty }
        return pathways.flatMap { $0.words(names) } + (sampled ? [Self.sampling] : []) + [limits]
    }

    private static let sampling =
        "Where nothing is changed, two blocks were measured and stand for the others; --report measures all."

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
        return pathway.padded(17) + mode.padded(15) + "\(layers)".padded(8) + norms.padded(20)
            + "\(inputCosine.short) (\(chance.short))".padded(17)
            + "\(crossingBefore.percent) → \(crossingAfter.percent)".padded(14) + own.percent
    }

    /// The same in words.
    func words(_ names: [String]) -> [String] {
        guard measured > 0 else { return [] }
        return [interference] + [regime].compactMap(\.self) + errors(names) + guardWords
    }

    private var interference: String {
        let start =
            "\(pathway)\(sampled): on what an adapter answers to, others add \(crossingBefore.percent) of its energy"
        guard crossingAfter < crossingBefore * 0.995 else {
            return start
                + (mode == "sum" ? "; the exact sum leaves it so." : "; that was not reduced.")
        }
        let share = 1 - crossingAfter / max(crossingBefore, 1e-12)
        return start
            + " as a plain sum, \(crossingAfter.percent) now: reduced by \(share.percent), with "
            + "\(own.percent) of its own answer left."
    }

    private var sampled: String {
        let blocks = sampledBlocks.map(String.init).joined(separator: " and ")
        return blocks.isEmpty ? "" : " (measured at blocks \(blocks))"
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

    private func errors(_ names: [String]) -> [String] {
        zip(names, zip(errorsBefore, errorsAfter)).map { name, errors in
            "\(pathway): predicted error of \(name) on its own inputs: \(errors.0.percent) as a sum, "
                + "\(errors.1.percent) now."
        }
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
