import Foundation

/// What the spectra of a voice come to, its level taken away.
struct VoiceStatistics {
    /// What lies further below the mean power counts as this far below, in dB.
    private static let depth = 70.0

    /// Levels of each frame in dB; 0 is the mean power of all frames and bands.
    let frames: [[Double]]  // [T, 40]
    /// Mean and spread of each band's levels in dB.
    let means, deviations: [Double]  // [40]
    /// Levels of each band's mean power: the long-term average spectrum, in dB.
    let longTerm: [Double]  // [40]
    /// Mel-cepstral coefficients 1 to 13 of each frame.
    let cepstra: [[Double]]  // [T, 13]

    init(_ spectra: [VoiceSpectra]) {
        let powers = spectra.flatMap(\.bands)
        let bandPowers = Self.mean(powers)
        let reference = max(bandPowers.mean, .leastNormalMagnitude)
        let floor = pow(10, -Self.depth / 10)
        func level(_ power: Double) -> Double { 10 * log10(max(power / reference, floor)) }
        frames = powers.map { $0.map(level) }
        longTerm = bandPowers.map(level)
        let means = Self.mean(frames)
        self.means = means
        deviations = Self.mean(frames.map { zip($0, means).map { ($0 - $1) * ($0 - $1) } })
            .map { $0.squareRoot() }
        let cosines = MelCepstrum()
        cepstra = frames.map { cosines($0) }
    }

    private static func mean(_ rows: [[Double]]) -> [Double] {
        var sums = [Double](repeating: 0, count: MelBands.count)
        for row in rows {
            for band in sums.indices { sums[band] += row[band] }
        }
        return sums.map { $0 / Double(max(1, rows.count)) }
    }
}

/// The cosine transform of a log spectrum.
///
/// The coefficients are those of ln |H| = Σ c(m) cos(m ω), for which Kubichek's formula is the root
/// mean square of the difference in dB.
struct MelCepstrum {
    /// Number of coefficients, without the one of the level.
    static let count = 13
    /// dB that the length of a difference of coefficients stands for.
    static let decibels = 10 / log(10) * 2.0.squareRoot()

    private let cosines: [[Double]]  // [13, 40]

    init() {
        // Half of the natural logarithm of the power, and twice the mean with the cosine.
        let scale = log(10) / 10 / Double(MelBands.count)
        cosines = (1...Self.count).map { order in
            (0..<MelBands.count).map { band in
                let place = (Double(band) + 0.5) / Double(MelBands.count)
                return scale * cos(Double.pi * Double(order) * place)
            }
        }
    }

    /// Coefficients of levels in dB.
    func callAsFunction(_ levels: [Double]) -> [Double] {
        cosines.map { row in
            var sum = 0.0
            for band in row.indices { sum += row[band] * levels[band] }
            return sum
        }
    }

    /// The distance of two frames' coefficients, in dB.
    static func distance(_ a: [Double], _ b: [Double]) -> Double {
        var sum = 0.0
        for index in a.indices { sum += (a[index] - b[index]) * (a[index] - b[index]) }
        return decibels * sum.squareRoot()
    }
}
