import Torch

/// The four rotary tables of a call, kept while the shape of the batches stays the same.
package final class RopeCache {
    package struct Tables {
        package let video: RotaryTable
        package let audio: RotaryTable
        package let crossVideo: RotaryTable
        package let crossAudio: RotaryTable
    }

    private struct Key: Hashable {
        let grid: VideoGrid
        let audioCount: Int
        let device: Device
    }

    private var kept: [Key: Tables] = [:]
    private let limit = 16  // bucket shapes; a table of 5,000 tokens takes 80 MB

    func tables(
        grid: VideoGrid,
        audioCount: Int,
        config: TransformerConfiguration,
        scale: LatentScale,
        device: Device
    ) -> Tables {
        let key = Key(grid: grid, audioCount: audioCount, device: device)
        if let known = kept[key] { return known }
        if kept.count >= limit { kept.removeAll() }
        let made = Self.make(grid, audioCount, config, scale, device)
        if !torchHasFailed { kept[key] = made }
        return made
    }

    private static func make(
        _ grid: VideoGrid,
        _ audioCount: Int,
        _ config: TransformerConfiguration,
        _ scale: LatentScale,
        _ device: Device
    ) -> Tables {
        let video = scale.intervals(of: grid).map(\.middles)
        let audio = [scale.intervals(ofAudio: audioCount).middles]
        let time = [max(config.ropeMaximum[0], config.audioRopeMaximum)]
        func table(
            _ positions: [[Float]],
            _ maximum: [Double],
            _ stream: StreamConfiguration
        ) -> RotaryTable {
            RotaryTable(
                positions: positions,
                maximum: maximum,
                width: stream.width,
                heads: stream.heads,
                theta: config.ropeTheta,
                doublePrecision: config.ropeDoublePrecision,
                device: device
            )
        }
        return Tables(
            video: table(video, config.ropeMaximum, config.video),
            audio: table(audio, [config.audioRopeMaximum], config.audio),
            crossVideo: table([video[0]], time, config.audio),
            crossAudio: table(audio, time, config.audio)
        )
    }
}
