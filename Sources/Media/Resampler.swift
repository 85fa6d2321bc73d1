internal import CFFmpeg

/// Brings stereo sound to another rate, with output sample 0 exactly on input sample 0.
struct Resampler {
    let inputRate: Int
    let outputRate: Int

    /// Input and output samples of the shortest stretch that is whole at both rates.
    private var period: (input: Int, output: Int) {
        let divisor = greatestCommonDivisor(inputRate, outputRate)
        return (inputRate / divisor, outputRate / divisor)
    }

    /// A margin of input samples beyond the reach of the filter, and what it is in the output.
    var margin: (input: Int, output: Int) {
        // 64 taps, wider by the ratio when the rate goes down.
        let reach = 64 * max(1, (inputRate + outputRate - 1) / outputRate)
        let periods = (reach + period.input - 1) / period.input
        return (periods * period.input, periods * period.output)
    }

    /// Resamples the input and drops the margin at its start.
    ///
    /// - Returns: exactly `count` samples per channel, zeros behind the end of the input.
    func callAsFunction(
        _ samples: [[Float]],
        count: Int,
        path: String
    ) throws(MediaError) -> [[Float]] {
        let dropped = margin.output
        let output = try convert(samples, room: dropped + count, path: path)
        return output.map { channel in
            let kept = channel.dropFirst(dropped).prefix(count)
            return kept + [Float](repeating: 0, count: count - kept.count)
        }
    }

    /// One call with all of the input: what the filter still holds back at the end of it lies
    /// behind the margin.
    private func convert(
        _ samples: [[Float]],
        room: Int,
        path: String
    ) throws(MediaError) -> [[Float]] {
        if inputRate == outputRate { return samples }
        var context = cffmpeg_make_resampler(Int32(inputRate), Int32(outputRate))
        guard context != nil else {
            throw MediaError(
                kind: .unsupported,
                file: path,
                problem: "sound cannot be resampled from \(inputRate) to \(outputRate) Hz",
                fix: "convert the sound to 48000 Hz"
            )
        }
        defer { swr_free(&context) }
        var left = [Float](repeating: 0, count: room)
        var right = left
        let count = samples[0].withUnsafeBufferPointer { leftIn in
            samples[1].withUnsafeBufferPointer { rightIn in
                left.withUnsafeMutableBufferPointer { leftOut in
                    right.withUnsafeMutableBufferPointer { rightOut in
                        Self.run(context, from: (leftIn, rightIn), to: (leftOut, rightOut))
                    }
                }
            }
        }
        guard count >= 0 else { throw .outOfMemory(path) }
        return [Array(left.prefix(Int(count))), Array(right.prefix(Int(count)))]
    }

    /// Safe because both planes of a side have the same number of samples, and swresample reads
    /// and writes no more than the counts it is given.
    private static func run(
        _ context: OpaquePointer?,
        from input: (UnsafeBufferPointer<Float>, UnsafeBufferPointer<Float>),
        to output: (UnsafeMutableBufferPointer<Float>, UnsafeMutableBufferPointer<Float>)
    ) -> Int32 {
        var planesIn = [input.0, input.1].map { plane in
            plane.baseAddress.map { UnsafeRawPointer($0).assumingMemoryBound(to: UInt8.self) }
        }
        var planesOut = [output.0, output.1].map { plane in
            plane.baseAddress.map {
                UnsafeMutableRawPointer($0).assumingMemoryBound(to: UInt8.self)
            }
        }
        return swr_convert(
            context,
            &planesOut,
            Int32(output.0.count),
            &planesIn,
            Int32(input.0.count)
        )
    }
}

/// The largest number that divides both; at least one of them is not 0.
func greatestCommonDivisor(_ a: Int, _ b: Int) -> Int {
    var (a, b) = (a, b)
    while b != 0 { (a, b) = (b, a % b) }
    return a
}
