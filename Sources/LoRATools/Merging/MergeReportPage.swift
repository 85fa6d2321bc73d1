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
        <p>Way: \("\(report.modes)".forHTML)</p>
        <ul>\(report.words.map { "<li>\($0.forHTML)</li>" }.joined())</ul>
        <h2>Pathways</h2>
        \(table)
        \(Self.legend)
        \(maps)
        \(errors)
        <h2>Sources</h2>
        <dl>\(sources)</dl>
        </body>
        </html>

        """
    }

    private static let legend = """
        <p class="small">Norms: how much each file changes the layers, in the order of the files. Cosine: how alike \
        the inputs are to which they answer, beside what chance gives. Crossing: energy that others add on inputs to \
        which an adapter answers, over its own; the worst file, before and after. Own left: how much of its own \
        answer a file keeps.</p>
        """

    /// Where anything was measured.
    private var maps: String {
        guard report.layers.contains(where: { $0.geometry != nil && $0.block != nil }) else {
            return ""
        }
        return """
            <h2>What others add on an adapter's own inputs</h2>
            <p class="small">Share of its energy, block by block; stronger colour is more.</p>
            <div class="maps">\(crossing(\.before, "as an exact sum"))\(crossing(\.after, "merged"))</div>
            <h2>How near the adapters lie</h2>
            <div class="maps">\(cosines("what they read", \.inputCosine))\
            \(cosines("what they write", \.outputCosine))\(cosines("cross-Gram energy", \.crossGram))</div>
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
        let before = MergeHeatMap(name, report.layers, upTo: 1) { $0.before?.crossing.max() }
        let limit = max(before.largest, 1e-6)
        return MergeHeatMap(name, report.layers, upTo: limit) { $0[keyPath: side]?.crossing.max() }
            .figure
    }

    private func cosines(_ name: String, _ part: KeyPath<LayerGeometry, Double>) -> String {
        MergeHeatMap(name, report.layers, upTo: 1) { $0.geometry?[keyPath: part] }.figure
    }

    private var errors: String {
        guard report.pathways.contains(where: { !$0.errorsAfter.isEmpty }) else { return "" }
        let maps = report.names.indices.map { adapter in
            MergeHeatMap(report.names[adapter], report.layers, upTo: 1) { row in
                guard let place = row.adapters.firstIndex(of: adapter),
                    let errors = row.after?.errors, errors.indices.contains(place)
                else { return nil }
                return errors[place]
            }.figure
        }
        return
            "<h2>Predicted error on each adapter's own inputs</h2><div class=\"maps\">\(maps.joined())</div>"
    }

    private var sources: String {
        zip(report.names, zip(report.strengths, report.digests)).map {
            "<dt>\($0.forHTML)</dt><dd>strength \($1.0), <code>\($1.1)</code></dd>"
        }.joined()
    }

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
        .maps { display: flex; flex-wrap: wrap; gap: 1.5rem; } figure { margin: 0; max-width: 100%; }
        figcaption { font-size: .85rem; } svg { max-width: 100%; height: auto; }
        svg text { fill: var(--soft); font-size: 11px; } svg rect { fill: var(--heat); }
        svg .none { fill: none; stroke: var(--line); }
        """
}

extension String {
    /// With what HTML reads as its own made harmless.
    var forHTML: String {
        replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;")
            .replacing("\"", with: "&quot;")
    }
}
