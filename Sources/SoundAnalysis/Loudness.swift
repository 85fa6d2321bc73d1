internal import CLoudness
internal import Media

/// Loudness and true peak as libebur128 measures them.
struct Loudness {
    /// LUFS, nil where nothing is above the gate.
    private(set) var integrated: Double?
    /// dBTP, nil for digital silence.
    private(set) var truePeak: Double?

    /// Measures at once; all stays nil for a rate or a channel count that libebur128 refuses.
    init(_ waveform: Waveform) {
        var state = ebur128_init(
            UInt32(waveform.channelCount),
            UInt(waveform.sampleRate),
            cloudness_mode
        )
        guard let meter = state else { return }
        Self.assignChannels(meter, count: waveform.channelCount)
        if Self.add(waveform, to: meter) {
            integrated = Self.integratedLoudness(meter)
            truePeak = Self.highestPeak(meter, channels: waveform.channelCount)
        }
        ebur128_destroy(&state)
    }

    /// Places the channels of 6.1 and 7.1, which libebur128 leaves out by itself.
    private static func assignChannels(
        _ meter: UnsafeMutablePointer<ebur128_state>,
        count: Int
    ) {
        let places: [channel] =
            switch count {
            case 7: [EBUR128_Mp180, EBUR128_Mp090, EBUR128_Mm090]
            case 8: [EBUR128_Mp135, EBUR128_Mm135, EBUR128_Mp090, EBUR128_Mm090]
            default: []
            }
        for (index, place) in places.enumerated() {
            ebur128_set_channel(meter, UInt32(4 + index), Int32(place.rawValue))
        }
    }

    private static func add(
        _ waveform: Waveform,
        to meter: UnsafeMutablePointer<ebur128_state>
    ) -> Bool {
        let count = waveform.samples.first?.count ?? 0
        var frames: [Float] = []
        frames.reserveCapacity(count * waveform.channelCount)
        for index in 0..<count {
            for channel in waveform.samples { frames.append(channel[index]) }
        }
        return ebur128_add_frames_float(meter, frames, count) == cloudness_success
    }

    private static func integratedLoudness(
        _ meter: UnsafeMutablePointer<ebur128_state>
    ) -> Double? {
        var loudness = 0.0
        guard ebur128_loudness_global(meter, &loudness) == cloudness_success else { return nil }
        return loudness.isFinite ? loudness : nil
    }

    private static func highestPeak(
        _ meter: UnsafeMutablePointer<ebur128_state>,
        channels: Int
    ) -> Double? {
        var highest = 0.0
        for channel in 0..<channels {
            var peak = 0.0
            guard ebur128_true_peak(meter, UInt32(channel), &peak) == cloudness_success else {
                return nil
            }
            highest = max(highest, peak)
        }
        return decibels(magnitude: highest)
    }
}
