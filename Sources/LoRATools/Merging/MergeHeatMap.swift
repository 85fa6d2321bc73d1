import Foundation

/// Values by block and pathway as a picture.
struct MergeHeatMap {
    private let name: String
    private let pathways: [String]
    private let cells: [String: [Int: Double]]
    private let blocks: Int
    private let limit: Double

    /// Means over the layers of a block's pathway; layers outside of blocks are left out.
    init(
        _ name: String,
        _ layers: [LayerMeasures],
        upTo limit: Double,
        _ value: (LayerMeasures) -> Double?
    ) {
        (self.name, self.limit) = (name, limit)
        var sums: [String: [Int: (Double, Int)]] = [:]
        var order: [String] = []
        for layer in layers {
            if !order.contains(layer.pathway) { order.append(layer.pathway) }
            guard let block = layer.block, let value = value(layer) else { continue }
            let old = sums[layer.pathway]?[block] ?? (0, 0)
            sums[layer.pathway, default: [:]][block] = (old.0 + value, old.1 + 1)
        }
        pathways = order
        cells = sums.mapValues { $0.mapValues { $0.0 / Double($0.1) } }
        blocks = (layers.compactMap(\.block).max() ?? 0) + 1
    }

    /// The largest value of a cell.
    var largest: Double { cells.values.flatMap(\.values).max() ?? 0 }

    /// Width of a cell: fewer blocks are drawn wider.
    private var cellWidth: Int { max(9, min(28, 432 / max(blocks, 1))) }

    /// The picture with its name and scale.
    var figure: String {
        "<figure><figcaption>\(name.forHTML)</figcaption>\(svg)<figcaption class=\"small\">block 0 to "
            + "\(blocks - 1); full colour is \(limit.short)</figcaption></figure>"
    }

    /// A row for each pathway, a column for each block.
    private var svg: String {
        let (width, height) = (Self.labels + blocks * cellWidth, 8 + pathways.count * 16)
        let rows = pathways.enumerated().map { row, pathway in
            let y = 4 + row * 16
            let label = "<text x=\"0\" y=\"\(y + 11)\">\(pathway)</text>"
            return label + (0..<blocks).map { cell(pathway, $0, y) }.joined()
        }
        return """
            <svg role="img" aria-label="\(name.forHTML)" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)">\(rows.joined())</svg>
            """
    }

    private static let labels = 100

    private func cell(_ pathway: String, _ block: Int, _ y: Int) -> String {
        let place =
            "x=\"\(Self.labels + block * cellWidth)\" y=\"\(y)\" width=\"\(cellWidth - 1)\" height=\"14\""
        guard let value = cells[pathway]?[block] else { return "<rect class=\"none\" \(place)/>" }
        let shade = String(format: "%.3f", min(1, max(0.03, value / limit)))
        let told = "\(pathway), block \(block): \(value.short)"
        return "<rect \(place) fill-opacity=\"\(shade)\"><title>\(told)</title></rect>"
    }
}
