public import Adapters
import Foundation

/// What a merge did, layer by layer and by pathway.
public struct MergeReport: Sendable {
    /// Names of the files, in their order.
    public let names: [String]
    /// Strengths of the files.
    public let strengths: [PathwayStrengths]
    /// Which way was gone where.
    public let modes: MergeModes
    /// Over what loudness was compared where a way does not say it.
    public let granularity: DampMethod.Granularity
    /// SHA-256 of each file.
    public internal(set) var digests: [String] = []
    /// Every layer of the result.
    public internal(set) var layers: [LayerMeasures] = []
    /// Files from which it is known what layers read, in words; nil where no way goes by that.
    public let measuredInputs: String?
    /// Seconds that it took, without bringing the file to disk.
    public internal(set) var seconds = 0.0
    /// Bytes of the result's tensors.
    public let byteCount: Int

    init(_ run: MergeRun) {
        names = run.request.inputs.map { URL(fileURLWithPath: $0.path).lastPathComponent }
        strengths = run.request.inputs.map(\.strengths)
        (modes, granularity) = (run.request.modes, run.request.granularity)
        byteCount = run.byteCount
        measuredInputs = run.request.needsMeasuredInputs ? run.request.measuredInputs : nil
    }

    /// What chosen ranks cut off each file as a whole; nil for files of which nothing was cut.
    public var truncations: [Truncation?] {
        names.indices.map { adapter in
            Truncation(layers.compactMap { $0.truncations[adapter] })
        }
    }

    /// The pathways that are there, in the order of `PathwayStrengths`.
    public var pathways: [PathwayMeasures] {
        PathwayStrengths.names.compactMap { name in
            let own = layers.filter { $0.pathway == name }
            guard !own.isEmpty else { return nil }
            let mode = modes.pathways[name] ?? modes.whole
            return PathwayMeasures(name, mode: mode, own, adapters: names.count)
        }
    }
}

/// What was measured of one pathway: means over its layers.
public struct PathwayMeasures: Sendable, Encodable {
    /// Its name.
    public let pathway: String
    /// The way that was gone.
    public let mode: String
    /// Layers of it.
    public let layers: Int
    /// Layers of which something was measured.
    public let measured: Int
    /// Blocks that were measured where others were not; empty if nothing was left out.
    public let sampledBlocks: [Int]
    /// `‖ΔW‖` of each adapter, over all measured layers.
    public let norms: [Double]
    /// The same in the result where adapters were damped.
    public let normsAfter: [Double]
    /// Root mean square cosine between what adapters read; chance is `chance`.
    public let inputCosine: Double
    /// The median of these cosines.
    public let inputMedian: Double
    /// Root mean square cosine between what adapters write.
    public let outputCosine: Double
    /// The cosine of random spaces.
    public let chance: Double
    /// Cosine between the updates themselves.
    public let alignment: Double
    /// Cross-Gram energy, normalised.
    public let crossGram: Double
    /// What others add on an adapter's own inputs as an exact sum, over its own energy; the worst adapter.
    public let crossingBefore: Double
    /// The same of the result.
    public let crossingAfter: Double
    /// What others add as an exact sum, by adapter.
    public let crossingsBefore: [Double]
    /// The same of the result.
    public let crossingsAfter: [Double]
    /// How much of an adapter's own answer is left; the worst adapter.
    public let own: Double
    /// Predicted error of each adapter as an exact sum, nil for one that was not seen here; empty where nothing
    /// was calibrated.
    public let errorsBefore: [Double?]
    /// The same of the result.
    public let errorsAfter: [Double?]
    /// The same of half the sum.
    public let errorsOfHalf: [Double?]
    /// At how many layers each guard acted.
    public let guards: [String: Int]
    /// Whether DoRAs were added there.
    public let hasMagnitudes: Bool

    init(_ name: String, mode: MergeMode, _ rows: [LayerMeasures], adapters: Int) {
        let measured = rows.filter { $0.geometry != nil }
        (pathway, self.mode, layers, self.measured) = (
            name, mode.description, rows.count, measured.count
        )
        hasMagnitudes = rows.contains(where: \.isMagnitude)
        let isSampled = rows.contains { $0.geometry == nil && $0.live != 1 }
        sampledBlocks = isSampled ? Set(measured.compactMap(\.block)).sorted() : []
        func mean(_ value: (LayerMeasures) -> Double?) -> Double {
            let values = measured.compactMap(value)
            return values.isEmpty ? 0 : (values.reduce(0, +) / Double(values.count)).rounded(to: 6)
        }
        inputCosine = mean { $0.geometry?.inputCosine }
        inputMedian = mean { $0.geometry?.inputMedian }
        outputCosine = mean { $0.geometry?.outputCosine }
        chance = mean { $0.geometry?.chance }
        alignment = mean { $0.geometry?.alignment }
        crossGram = mean { $0.geometry?.crossGram }
        crossingBefore = mean { $0.before?.crossing.max() }
        crossingAfter = mean { $0.after?.crossing.max() }
        own = mean { $0.after?.own.min() }
        norms = Self.norms(rows, adapters, \.norms)
        normsAfter = Self.norms(rows, adapters, \.normsAfter)
        crossingsBefore = Self.means(measured, adapters) { $0.before?.crossing }
            .map { $0 ?? 0 }
        crossingsAfter = Self.means(measured, adapters) { $0.after?.crossing }
            .map { $0 ?? 0 }
        errorsBefore = Self.means(measured, adapters) { $0.before?.errors }
        errorsAfter = Self.means(measured, adapters) { $0.after?.errors }
        errorsOfHalf = Self.means(measured, adapters) { $0.errorsOfHalf }
        guards = Dictionary(rows.flatMap(\.guards).map { ($0.rawValue, 1) }, uniquingKeysWith: +)
    }

    /// Root of the sum of squares over the layers, by adapter.
    private static func norms(
        _ rows: [LayerMeasures],
        _ adapters: Int,
        _ of: KeyPath<LayerMeasures, [Double]>
    ) -> [Double] {
        (0..<adapters).map { adapter in
            let squares = rows.reduce(0) { sum, row in
                guard let place = row.adapters.firstIndex(of: adapter) else { return sum }
                return sum + row[keyPath: of][place] * row[keyPath: of][place]
            }
            return squares.squareRoot().rounded(to: 6)
        }
    }

    /// Mean over the layers of which a value is known, by adapter; empty where none is.
    private static func means(
        _ rows: [LayerMeasures],
        _ adapters: Int,
        _ of: (LayerMeasures) -> [Double?]?
    ) -> [Double?] {
        let means = (0..<adapters).map { adapter -> Double? in
            let values = rows.compactMap { row -> Double? in
                guard let place = row.adapters.firstIndex(of: adapter), let values = of(row),
                    values.indices.contains(place)
                else { return nil }
                return values[place]
            }
            guard !values.isEmpty else { return nil }
            return (values.reduce(0, +) / Double(values.count)).rounded(to: 6)
        }
        return means.contains { $0 != nil } ? means : []
    }
}

extension Double {
    /// With so many digits behind the point.
    func rounded(to digits: Int) -> Double {
        let factor = pow(10, Double(digits))
        return (self * factor).rounded() / factor
    }
}
