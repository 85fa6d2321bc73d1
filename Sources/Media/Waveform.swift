/// Sound as floats, one array per channel.
public struct Waveform: Sendable, Equatable {
    /// Samples per second and channel.
    public let sampleRate: Int
    /// The channels, all of one length.
    ///
    /// Full scale is -1...1; a down-mix of loud surround sound may go beyond.
    public let samples: [[Float]]  // [C][N]

    /// Number of channels.
    public var channelCount: Int { samples.count }

    /// Wraps channels of equal length.
    public init(sampleRate: Int, samples: [[Float]]) {
        precondition(Set(samples.map(\.count)).count <= 1, "channels must have one length")
        self.sampleRate = sampleRate
        self.samples = samples
    }

    /// The largest magnitude of any sample; 1 is full scale.
    public var peak: Float {
        var peak: Float = 0
        for channel in samples {
            for sample in channel { peak = max(peak, abs(sample)) }
        }
        return peak
    }

    /// Whether nothing can be heard: peak below -60 dBFS and root mean square below -70 dBFS.
    ///
    /// Dither and the noise of a codec lie below both; the quietest recorded speech above one.
    public var isSilent: Bool {
        peak < 1e-3 && rootMeanSquare < 3.1623e-4
    }

    private var rootMeanSquare: Float {
        var sum = 0.0
        for channel in samples {
            for sample in channel { sum += Double(sample) * Double(sample) }
        }
        let count = samples.reduce(0) { $0 + $1.count }
        return count == 0 ? 0 : Float((sum / Double(count)).squareRoot())
    }
}

/// What a window of a clip sounds like.
///
/// A stream that fails to decode is none of these but an error: lost sound must never look like
/// absent sound.
public enum ClipSound: Sendable, Equatable {
    /// The file has no sound stream, or an empty one.
    case absent
    /// There is a stream, and nothing can be heard in the window.
    case silent(Waveform)
    /// There is something to hear.
    case sound(Waveform)
}
