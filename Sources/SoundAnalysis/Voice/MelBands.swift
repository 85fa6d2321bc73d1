import Foundation

/// Triangular bands, evenly spaced on the mel scale (2595 log10(1 + f / 700)).
struct MelBands {
    /// Number of bands.
    static let count = 40
    /// Lower edge of the first band, in Hz.
    static let lowest = 60.0

    /// First bin and weights of each band.
    private let bands: [(first: Int, weights: [Double])]

    /// Divides the bins of a spectrum, `binWidth` Hz apart, from 60 Hz to `highest`.
    init(highest: Double, binWidth: Double) {
        func mel(_ frequency: Double) -> Double { 2595 * log10(1 + frequency / 700) }
        func frequency(_ mel: Double) -> Double { 700 * (pow(10, mel / 2595) - 1) }
        let (low, high) = (mel(Self.lowest), mel(highest))
        let edges = (0..<Self.count + 2).map {
            frequency(low + (high - low) * Double($0) / Double(Self.count + 1)) / binWidth
        }
        bands = (0..<Self.count).map { band in
            let (left, top, right) = (edges[band], edges[band + 1], edges[band + 2])
            let first = Int(left) + 1
            let weights = (first...max(first, Int(right))).map {
                max(
                    0,
                    min((Double($0) - left) / (top - left), (right - Double($0)) / (right - top))
                )
            }
            return (first, weights)
        }
    }

    /// The power in each band.
    func callAsFunction(_ power: [Double]) -> [Double] {
        bands.map { band in
            var sum = 0.0
            for (offset, weight) in band.weights.enumerated() {
                sum += weight * power[band.first + offset]
            }
            return sum
        }
    }
}
