import Torch

/// The toy with several seeds, and what must come out of it.
public struct MergeBenchmark: Sendable {
    /// Strengths that a user would try for the sum.
    static let scales = [1, 0.8, 0.6, 0.45, 0.3]

    /// One method over all seeds.
    public struct Row: Sendable {
        /// The method.
        public let name: String
        /// Mean error at strength 1.
        public let error: Double
        /// Mean bleed at strength 1.
        public let bleed: Double
        /// Mean drift at strength 1.
        public let drift: Double
        /// Mean error at the best of the strengths that a user would try.
        public let tuned: Double
        /// That strength.
        public let scale: Double
    }

    /// All methods, ours and published ones.
    public let rows: [Row]

    /// Trains a pair of adapters for each seed and merges them in every way.
    public init(seeds: Range<UInt64>, sizes: MergeToy.Sizes, baselines: Bool = true) throws {
        let toys = try seeds.map { seed in try withTorchErrors { try MergeToy(seed: seed, sizes) } }
        let candidates = Self.ours + (baselines ? Self.published : [])
        rows = try candidates.map { candidate in
            try withTorchErrors { try Self.row(candidate, toys) }
        }
    }

    /// A row by its name.
    public subscript(_ name: String) -> Row? { rows.first { $0.name == name } }

    /// What the issue asks for and does not hold; empty if all does.
    public var failures: [String] {
        guard let sum = self["sum"], let calibrated = self["calibrated"],
            let isolate = self["isolate 0.9"], let sketched = self["calibrated, sketches"]
        else { return ["a method is missing"] }
        let bounds = [
            ("calibrated error / tuned sum's", calibrated.error / sum.tuned, 0.4),
            ("calibrated bleed / sum's", calibrated.bleed / sum.bleed, 0.5),
            ("calibrated from sketches, error / tuned sum's", sketched.error / sum.tuned, 0.4),
            ("calibrated from sketches, bleed / sum's", sketched.bleed / sum.bleed, 0.5),
            ("isolate bleed / sum's", isolate.bleed / sum.bleed, 0.75),
        ]
        return bounds.filter { $0.1 > $0.2 }.map { "\($0.0) is \($0.1), should be \($0.2) or less" }
    }

    // MARK: - Methods

    private struct Candidate: Sendable {
        let name: String
        let score: @Sendable (MergeToy, Double) throws -> MergeToy.Score

        init(
            _ name: String,
            _ score: @escaping @Sendable (MergeToy, Double) throws -> MergeToy.Score
        ) {
            (self.name, self.score) = (name, score)
        }
    }

    private static let ours: [Candidate] = [
        Candidate("single adapter", { toy, _ in toy.single }),
        Candidate("sum", { try $0.score(SumMethod(), scale: $1) }),
        Candidate("isolate 0.5", { try $0.score(IsolateMethod(strength: 0.5), scale: $1) }),
        Candidate("isolate 0.9", { try $0.score(IsolateMethod(strength: 0.9), scale: $1) }),
        Candidate(
            "isolate 0.9 both",
            { try $0.score(IsolateMethod(strength: 0.9, side: .both), scale: $1) }
        ),
        Candidate("protect:1 0.9", { try $0.score(ProtectMethod(0), scale: $1) }),
        Candidate("damp 0.5", { try $0.score(DampMethod(), scale: $1) }),
        Candidate("calibrated", { try $0.score(CalibratedMethod(anchor: 0), scale: $1) }),
        Candidate(
            "calibrated, sketches",
            { try $0.score(CalibratedMethod(anchor: 0), scale: $1, fromSketches: true) }
        ),
        Candidate(
            "calibrated, anchor 0.1",
            { try $0.score(CalibratedMethod(anchor: 0.1), scale: $1) }
        ),
        Candidate("calibrated, anchor 1", { try $0.score(CalibratedMethod(anchor: 1), scale: $1) }),
    ]

    private static let published: [Candidate] = [
        Candidate("average", dense { MergeBaselines.average($0) }),
        Candidate("TIES 0.2", dense { MergeBaselines.ties($0) }),
        Candidate("DARE 0.5", dense { try MergeBaselines.dare($0) }),
        Candidate("KnOTS-TIES 0.2", dense { MergeBaselines.knots($0) }),
        Candidate(
            "TSV-M",
            dense {
                let factors = MergeBaselines.taskSingularVectors($0)
                return factors.up.matmul(factors.down)
            }
        ),
    ]

    private static func dense(_ merge: @escaping @Sendable ([LowRankFactors]) throws -> Tensor)
        -> @Sendable (MergeToy, Double) throws -> MergeToy.Score
    {
        { toy, scale in
            let updates = try (0..<3).map { layer in try merge(toy.adapters.map { $0[layer] }) }
            return toy.score(dense: updates, scale: scale)
        }
    }

    private static func row(_ candidate: Candidate, _ toys: [MergeToy]) throws -> Row {
        let scores = try scales.map { scale in try toys.map { try candidate.score($0, scale) } }
        func mean(_ scores: [MergeToy.Score], _ value: (MergeToy.Score) -> Double) -> Double {
            scores.reduce(0) { $0 + value($1) } / Double(scores.count)
        }
        let errors = scores.map { mean($0, \.error) }
        let best = errors.indices.min { errors[$0] < errors[$1] } ?? 0
        return Row(
            name: candidate.name,
            error: errors[0],
            bleed: mean(scores[0], \.bleed),
            drift: mean(scores[0], \.drift),
            tuned: errors[best],
            scale: scales[best]
        )
    }
}

extension MergeBenchmark: CustomStringConvertible {
    /// A table.
    public var description: String {
        func cell(_ value: Double) -> String {
            let text = String(Double(Int((value * 1000).rounded())) / 1000)
            return String(repeating: " ", count: max(0, 8 - text.count)) + text
        }
        let head = "method                     error   bleed   drift   tuned  at\n"
        return head
            + rows.map { row in
                let name = row.name + String(repeating: " ", count: max(0, 24 - row.name.count))
                return name + [row.error, row.bleed, row.drift, row.tuned].map(cell).joined()
                    + "  \(row.scale)"
            }.joined(separator: "\n")
    }
}
