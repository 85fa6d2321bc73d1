/// A stretch of a clip between two of its pictures' edges, and how it is written as a clip of its own.
public struct ClipPiece: Sendable, Equatable {
    /// Numbers of its pictures.
    public let pictures: Range<Int>
    /// Seconds of the clip's clock at which it begins: when its first picture appears.
    public let start: Double
    /// Seconds of the clip's clock at which it ends: when the picture behind its last one appears.
    public let end: Double

    /// Length in seconds.
    public var seconds: Double { end - start }

    /// The stretch whose edges are nearest to two times; nil if no picture lies between both.
    ///
    /// - Parameters:
    ///   - start: seconds after the first picture; its nearest edge is taken.
    ///   - end: as `start`.
    ///   - edges: of a clip, `ClipReader.pictureEdges`.
    public init?(from start: Double, to end: Double, edges: [Double]) {
        guard let first = Self.nearest(start, edges), let last = Self.nearest(end, edges) else {
            return nil
        }
        self.init(edges: first..<max(first, last), of: edges)
    }

    /// The stretch between two edges, told by their numbers; nil for an empty one.
    public init?(edges range: Range<Int>, of edges: [Double]) {
        guard !range.isEmpty, edges.indices.contains(range.upperBound) else { return nil }
        pictures = range
        start = edges[range.lowerBound]
        end = edges[range.upperBound]
    }

    /// The number of the edge that is nearest to a time.
    public static func nearest(_ time: Double, _ edges: [Double]) -> Int? {
        guard !edges.isEmpty else { return nil }
        var (low, high) = (0, edges.count)  // the first edge at or behind the time
        while low < high {
            let middle = (low + high) / 2
            if edges[middle] < time { low = middle + 1 } else { high = middle }
        }
        guard low > 0 else { return 0 }
        guard low < edges.count else { return edges.count - 1 }
        return time - edges[low - 1] < edges[low] - time ? low - 1 : low
    }
}
