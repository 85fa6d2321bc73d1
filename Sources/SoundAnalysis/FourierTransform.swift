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
        for index in 0...count / 2 {
            real[index] = real[index] * real[index] + imaginary[index] * imaginary[index]
        }
        return Array(real[...(count / 2)])
    }

    /// Transforms complex values of `count` each.
    func transform(_ real: inout [Double], _ imaginary: inout [Double]) {
        reorder(&real, &imaginary)
        // Safe because the pointers stay inside the closures and all indices are below `count`.
        real.withUnsafeMutableBufferPointer { real in
            imaginary.withUnsafeMutableBufferPointer { imaginary in
                guard let real = real.baseAddress, let imaginary = imaginary.baseAddress else {
                    return
                }
                var half = 1
                while half < count {
                    combine(real, imaginary, half)
                    half *= 2
                }
            }
        }
    }

    /// Makes transforms of `2 * half` values out of pairs of `half` values.
    ///
    /// Loops with pointers, since this is where the time goes, in debug builds above all.
    private func combine(
        _ real: UnsafeMutablePointer<Double>,
        _ imaginary: UnsafeMutablePointer<Double>,
        _ half: Int
    ) {
        let stride = count / (2 * half)
        var k = 0
        while k < half {
            let (cosine, sine) = (cosines[k * stride], sines[k * stride])
            var a = k
            while a < count {
                let b = a + half
                let x = real[b] * cosine - imaginary[b] * sine
                let y = real[b] * sine + imaginary[b] * cosine
                real[b] = real[a] - x
                imaginary[b] = imaginary[a] - y
                real[a] += x
                imaginary[a] += y
                a += 2 * half
            }
            k += 1
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
            (real[index], real[mirrored]) = (real[mirrored], real[index])
            (imaginary[index], imaginary[mirrored]) = (imaginary[mirrored], imaginary[index])
        }
    }
}

/// The Hann window: 0 at both ends, 1 in the middle.
func hannWindow(_ count: Int) -> [Double] {
    (0..<count).map { 0.5 - 0.5 * cos(2 * Double.pi * (Double($0) + 0.5) / Double(count)) }
}
