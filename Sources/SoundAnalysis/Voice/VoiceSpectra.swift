import Foundation

/// The spectra of a signal's frames up to one frequency.
struct VoiceSpectra: Sendable {
    /// Samples that are looked at through a Hann window: 32 ms.
    private static let window = 512
    /// Length of the transform: bins are 15.6 Hz apart.
    private static let length = 1024

    /// Power in each mel band.
    private(set) var bands: [[Double]] = []  // [T, 40]
    /// Mean frequency of each frame, weighted with the magnitudes, in Hz.
    private(set) var centroids: [Double] = []  // [T]

    init(_ signal: VoiceSignal, highest: Double) {
        let transform = FourierTransform(atLeast: Self.length)
        let binWidth = Double(VoiceSignal.rate) / Double(transform.count)
        let mel = MelBands(highest: highest, binWidth: binWidth)
        let window = hannWindow(Self.window)
        let last = Int(highest / binWidth)
        for frame in signal.frames {
            var values = signal.stretch(around: frame, count: window.count)
            for index in values.indices { values[index] *= window[index] }
            let power = transform.power(values)
            bands.append(mel(power))
            centroids.append(Self.centroid(power[...last]) * binWidth)
        }
    }

    /// In bins; 0 for silence.
    private static func centroid(_ power: ArraySlice<Double>) -> Double {
        var (sum, weighted) = (0.0, 0.0)
        for (bin, value) in power.enumerated() {
            let magnitude = value.squareRoot()
            sum += magnitude
            weighted += Double(bin) * magnitude
        }
        return sum > 0 ? weighted / sum : 0
    }
}
