internal import CFFmpeg

/// Weights that bring the channels of a frame to stereo.
struct ChannelMix: Equatable {
    /// Weight of each channel in the left and the right output.
    let left, right: [Float]  // [C]

    /// Bit numbers of the `AV_CH_` masks.
    enum Speaker {
        static let frontLeft = 0
        static let frontRight = 1
        static let frontCentre = 2
        static let lowFrequency = 3
        static let backLeft = 4
        static let backRight = 5
        static let sideLeft = 9
        static let sideRight = 10
    }

    /// The front pair as it is; centre, back and side at -3 dB; no low-frequency channel.
    ///
    /// One channel alone, or a layout with other speakers, gives its mean to both sides.
    init(speakers: [Int]) {
        let matrix: [Int: (Float, Float)] = [
            Speaker.frontLeft: (1, 0), Speaker.frontRight: (0, 1),
            Speaker.frontCentre: (0.7071, 0.7071), Speaker.lowFrequency: (0, 0),
            Speaker.backLeft: (0.7071, 0), Speaker.backRight: (0, 0.7071),
            Speaker.sideLeft: (0.7071, 0), Speaker.sideRight: (0, 0.7071),
        ]
        let rows = speakers.compactMap { matrix[$0] }
        let hasFrontPair = Set(speakers).isSuperset(of: [Speaker.frontLeft, Speaker.frontRight])
        if hasFrontPair, rows.count == speakers.count {
            left = rows.map(\.0)
            right = rows.map(\.1)
        } else {
            left = speakers.map { _ in 1 / Float(speakers.count) }
            right = left
        }
    }

    init(_ frame: Frame) {
        let count = cffmpeg_frame_channels(frame.pointer)
        self.init(speakers: (0..<count).map { Int(cffmpeg_speaker(frame.pointer, $0)) })
    }

    /// Mixes channels of equal length.
    func callAsFunction(_ channels: [[Float]]) -> [[Float]] {
        [mixed(channels, left), mixed(channels, right)]
    }

    private func mixed(_ channels: [[Float]], _ weights: [Float]) -> [Float] {
        // A channel that goes through alone keeps its very bits.
        let heard = weights.indices.filter { weights[$0] != 0 }
        if heard.count == 1, let only = heard.first, weights[only] == 1 { return channels[only] }
        var output = [Float](repeating: 0, count: channels.first?.count ?? 0)
        for index in heard {
            let weight = weights[index]
            channels[index].withUnsafeBufferPointer { input in
                for sample in output.indices { output[sample] += weight * input[sample] }
            }
        }
        return output
    }
}
