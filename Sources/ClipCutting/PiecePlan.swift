public import Media

/// Which pieces a clip is cut into, and what is left out because it is too short for one.
public struct PiecePlan: Sendable, Equatable {
    /// The pieces, ascending.
    public internal(set) var pieces: [ClipPiece] = []
    /// Stretches that belong to no piece.
    public internal(set) var leftOut: [ClipPiece] = []
}

/// Finds the cheapest way to cut a stretch into pieces of allowed length.
///
/// Every way to join the points is weighed at once (dynamic programming over the points in order): the costs of
/// the cuts, a little for each second that a piece is shorter than the longest allowed, so that pieces become
/// equal, and a lot for each second that is left out.
struct PiecePlanner {
    /// Shortest and longest piece in seconds.
    let lengths: ClosedRange<Double>
    /// `ClipReader.pictureEdges` of the clip.
    let edges: [Double]

    private static let shortfallCost = 0.01
    private static let leftOutCost = 30.0
    /// Times of files are rounded; a piece may be this much beyond its limits.
    private static let rounding = 1e-3

    private struct Node {
        var edge: Int
        var cutCost: Double
        var total = Double.infinity
        var previous = 0
    }

    /// Cuts a stretch, a range of edges, at some of the points in it.
    func plan(_ stretch: Range<Int>, _ points: [CutPoint]) -> PiecePlan {
        var nodes = nodes(stretch, points)
        guard nodes.count > 1 else { return PiecePlan() }
        nodes[0].total = 0
        for later in nodes.indices.dropFirst() {
            // Only so far back as the longest piece reaches: what is left out is always shorter.
            for earlier in (0..<later).reversed() {
                let seconds = edges[nodes[later].edge] - edges[nodes[earlier].edge]
                guard seconds <= lengths.upperBound + Self.rounding || earlier == later - 1 else {
                    break
                }
                let total = nodes[earlier].total + cost(seconds) + nodes[later].cutCost
                if total < nodes[later].total {
                    (nodes[later].total, nodes[later].previous) = (total, earlier)
                }
            }
        }
        return way(through: nodes)
    }

    private func cost(_ seconds: Double) -> Double {
        guard isPiece(seconds) else { return Self.leftOutCost * (1 + seconds) }
        let shortfall = max(0, lengths.upperBound - seconds)
        return Self.shortfallCost * shortfall * shortfall
    }

    private func isPiece(_ seconds: Double) -> Bool {
        seconds >= lengths.lowerBound - Self.rounding
            && seconds <= lengths.upperBound + Self.rounding
    }

    /// Both ends of the stretch and the cheapest point at each edge between.
    private func nodes(_ stretch: Range<Int>, _ points: [CutPoint]) -> [Node] {
        var costs: [Int: Double] = [:]
        for point in points {
            guard let edge = ClipPiece.nearest(point.seconds, edges), edge > stretch.lowerBound,
                edge < stretch.upperBound
            else { continue }
            costs[edge] = min(costs[edge] ?? .infinity, point.cost)
        }
        let inner = costs.keys.sorted().map { Node(edge: $0, cutCost: costs[$0] ?? 0) }
        return [Node(edge: stretch.lowerBound, cutCost: 0)] + inner
            + [Node(edge: stretch.upperBound, cutCost: 0)]
    }

    private func way(through nodes: [Node]) -> PiecePlan {
        var plan = PiecePlan()
        var index = nodes.count - 1
        while index > 0 {
            let previous = nodes[index].previous
            if let piece = ClipPiece(edges: nodes[previous].edge..<nodes[index].edge, of: edges) {
                if isPiece(piece.seconds) {
                    plan.pieces.insert(piece, at: 0)
                } else {
                    plan.leftOut.insert(piece, at: 0)
                }
            }
            index = previous
        }
        return plan
    }
}
