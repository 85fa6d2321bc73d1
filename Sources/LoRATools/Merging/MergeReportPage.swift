import Foundation

/// The report of a merge as one HTML file: nothing in it is fetched from anywhere.
public struct MergeReportPage {
    private let report: MergeReport

    /// A page of a report.
    public init(_ report: MergeReport) { self.report = report }

    /// The whole file.
    public var html: String {
        """
        <!doctype html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(title.forHTML)</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <p class="small">likeness lora merge</p>
        <h1>\(title.forHTML)</h1>
        <p>\("\(report.modes)".forHTML)</p>
        <ul>\(report.words.map { "<li>\($0.forHTML)</li>" }.joined())</ul>
        <h2>Pathways</h2>
        \(table)
        <h2>What others add on an adapter's own inputs</h2>
        <p class="small">Share of its energy, block by block; darker is more.</p>
        <div class="maps">\(crossing(\.before, "as an exact sum"))\(crossing(\.after, "merged"))</div>
        <h2>How near the adapters lie</h2>
        <div class="maps">\(cosines("what they read", \.inputCosine))\(cosines("what they write", \.outputCosine))\
        \(cosines("cross-Gram energy", \.crossGram))</div>
        \(errors)
        <h2>Sources</h2>
        <dl>\(sources)</dl>
        </body>
        </html>

        """
    }

    private var title: String { report.names.joined(separator: " + ") }

    private var table: String {
        func row(_ cells: [String], _ tag: String) -> String {
            "<tr>" + cells.map { "<\(tag)>\($0.forHTML)</\(tag)>" }.joined() + "</tr>"
        }
        let rows = report.pathways.map { row($0.cells, "td") }
        return "<table>\(row(PathwayMeasures.head, "th"))\(rows.joined())</table>"
    }

    private func crossing(_ side: KeyPath<LayerMeasures, LayerInterference?>, _ name: String)
        -> String
    {
        let limit = value(report.layers.compactMap { $0.before?.crossing.max() })
        return MergeHeatMap(name, report.layers, upTo: limit) { $0[keyPath: side]?.crossing.max() }
            .svg
    }

    private func cosines(_ name: String, _ part: KeyPath<LayerGeometry, Double>) -> String {
        MergeHeatMap(name, report.layers, upTo: 1) { $0.geometry?[keyPath: part] }.svg
    }

    private var errors: String {
        guard report.pathways.contains(where: { !$0.errorsAfter.isEmpty }) else { return "" }
        let maps = report.names.indices.map { adapter in
            MergeHeatMap(report.names[adapter], report.layers, upTo: 1) { row in
                guard let place = row.adapters.firstIndex(of: adapter),
                    let errors = row.after?.errors, errors.indices.contains(place)
                else { return nil }
                return errors[place]
            }.svg
        }
        return
            "<h2>Predicted error on each adapter's own inputs</h2><div class=\"maps\">\(maps.joined())</div>"
    }

    private var sources: String {
        zip(report.names, zip(report.strengths, report.digests)).map {
            "<dt>\($0.forHTML)</dt><dd>strength \($1.0), <code>\($1.1)</code></dd>"
        }.joined()
    }

    /// The largest of some values, so that one map's colours can be read.
    private func value(_ values: [Double]) -> Double { max(values.max() ?? 1, 1e-6) }

    static let style = """
        :root { color-scheme: light dark; --paper: #faf8f4; --ink: #22201c; --soft: #77706a; --line: #e3ddd3;
          --heat: #7c3f8c; }
        @media (prefers-color-scheme: dark) { :root { --paper: #16151a; --ink: #ece8e1; --soft: #9d968e;
          --line: #322f38; --heat: #c593d6; } }
        body { margin: 0 auto; max-width: 72rem; padding: 2rem 1.25rem 4rem; background: var(--paper);
          color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
        h1 { font-size: 2rem; margin: 0; overflow-wrap: anywhere; } h2 { font-size: 1.1rem; margin-top: 2rem; }
        .small, dd { color: var(--soft); font-size: .85rem; overflow-wrap: anywhere; }
        table { border-collapse: collapse; font-size: .88rem; }
        th, td { text-align: left; padding: .4rem .8rem; border-bottom: 1px solid var(--line); }
        .maps { display: flex; flex-wrap: wrap; gap: 1.5rem; }
        svg text { fill: var(--soft); font-size: 9px; } svg rect { fill: var(--heat); }
        svg .none { fill: none; stroke: var(--line); }
        """
}

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

    /// A row for each pathway, a column for each block.
    var svg: String {
        let width = 92 + blocks * 9
        let rows = pathways.enumerated().map { row, pathway in
            let y = 24 + row * 14
            let label = "<text x=\"0\" y=\"\(y + 9)\">\(pathway)</text>"
            return label + (0..<blocks).map { cell(pathway, $0, y) }.joined()
        }
        let height = 40 + pathways.count * 14
        return """
            <svg role="img" aria-label="\(name.forHTML)" width="\(width)" height="\(height)" \
            viewBox="0 0 \(width) \(height)"><text x="92" y="12">\(name.forHTML)</text>\(rows.joined())\
            <text x="92" y="\(height - 4)">block 0 to \(blocks - 1); full colour is \(limit.short)</text></svg>
            """
    }

    private func cell(_ pathway: String, _ block: Int, _ y: Int) -> String {
        let place = "x=\"\(92 + block * 9)\" y=\"\(y)\" width=\"8\" height=\"12\""
        guard let value = cells[pathway]?[block] else { return "<rect class=\"none\" \(place)/>" }
        let shade = String(format: "%.3f", min(1, max(0.03, value / limit)))
        return "<rect \(place) fill-opacity=\"\(shade)\"><title>\(value.short)</title></rect>"
    }
}

extension String {
    /// With what HTML reads as its own made harmless.
    var forHTML: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
