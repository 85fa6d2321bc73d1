import Foundation

/// The discrete Fourier transform of one length, a power of two (radix 2, in place).
struct FourierTransform {
    let count: Int
    private let cosines: [Double]  // [count / 2]
    private let sines: [Double]  // [count / 2]

    /// Prepares transforms of `count` values or the next power of two.
    init(atLeast count: Int) {
        var length = 2
        while length < count { length *= 2 }
        self.count = length
        let angles = (0..<length / 2).map { -2 * Double.pi * Double($0) / Double(length) }
        cosines = angles.map { cos($0) }
        sines = angles.map { sin($0) }
    }

    /// The power of each frequency from 0 to half the rate of real values, padded with zeros.
    func power(_ values: [Double]) -> [Double] {
        var real = values + [Double](repeating: 0, count: count - values.count)
        var imaginary = [Double](repeating: 0, count: count)
        transform(&real, &imaginary)
        return (0...count / 2).map { real[$0] * real[$0] + imaginary[$0] * imaginary[$0] }
    }

    /// Transforms complex values of `count` each.
    func transform(_ real: inout [Double], _ imaginary: inout [Double]) {
        reorder(&real, &imaginary)
        var half = 1
        while half < count {
            let stride = count / (2 * half)
            for start in Swift.stride(from: 0, to: count, by: 2 * half) {
                for k in 0..<half {
                    let (a, b, turn) = (start + k, start + k + half, k * stride)
                    let x = real[b] * cosines[turn] - imaginary[b] * sines[turn]
                    let y = real[b] * sines[turn] + imaginary[b] * cosines[turn]
                    (real[b], imaginary[b]) = (real[a] - x, imaginary[a] - y)
                    (real[a], imaginary[a]) = (real[a] + x, imaginary[a] + y)
                }
            }
            half *= 2
        }
    }

    /// Swaps each value with the one at its index's mirrored bits.
    private func reorder(_ real: inout [Double], _ imaginary: inout [Double]) {
        var mirrored = 0
        for index in 1..<count {
            var bit = count / 2
            while mirrored & bit != 0 {
                mirrored ^= bit
                bit /= 2
            }
            mirrored |= bit
            guard index < mirrored else { continue }
            real.swapAt(index, mirrored)
            imaginary.swapAt(index, mirrored)
        }
    }
}

/// The Hann window: 0 at both ends, 1 in the middle.
func hannWindow(_ count: Int) -> [Double] {
    (0..<count).map { 0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(count)) }
}
