public import Adapters

/// How much of a change is lost, as a share of its length, by pathway.
public struct TruncationError: Equatable, Sendable {
    private var lost: [Pathway: Double] = [:]
    private var whole: [Pathway: Double] = [:]

    /// Nothing lost of nothing.
    public init() {}

    /// Counts a layer: squares of what is lost and of all.
    mutating func count(_ pathway: Pathway, lost: Double, whole: Double) {
        self.lost[pathway, default: 0] += lost
        self.whole[pathway, default: 0] += whole
    }

    /// Pathways in their order, with `‖lost‖ / ‖whole‖`.
    public var byPathway: [(pathway: Pathway, error: Double)] {
        Pathway.allCases.compactMap { pathway in
            whole[pathway].map { (pathway, Self.ratio(lost[pathway] ?? 0, $0)) }
        }
    }

    /// The same over everything.
    public var total: Double {
        Self.ratio(lost.values.reduce(0, +), whole.values.reduce(0, +))
    }

    private static func ratio(_ lost: Double, _ whole: Double) -> Double {
        whole > 0 ? (max(lost, 0) / whole).squareRoot() : 0
    }
}
