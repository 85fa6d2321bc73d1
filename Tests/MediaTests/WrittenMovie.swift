import Foundation

@testable import Media

/// Pictures and sounds of the writing tests, and a place for the files.
enum WrittenMovie {
    /// A path that no other test uses, in a folder that is there.
    static func path(_ ending: String) throws -> String {
        let folder = FFmpegTool.folder.appendingPathComponent("written", isDirectory: true)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        return folder.appendingPathComponent("\(UUID().uuidString).\(ending)").path
    }

    static func remove(_ path: String) {
        for name in [path, path + ".partial"] { try? FileManager.default.removeItem(atPath: name) }
    }

    /// Colours of the patches: greys, primaries, a skin tone and the corners of the cube.
    static let colours: [[UInt8]] = [
        [0, 0, 0], [128, 128, 128], [255, 255, 255], [200, 40, 40],
        [40, 200, 40], [40, 40, 200], [224, 172, 140], [250, 230, 20],
    ]

    /// Pictures of 4 by 2 patches.
    static func patches(_ count: Int, width: Int = 128, height: Int = 64) -> FrameBuffer {
        pictures(count, width: width, height: height) { _, x, y in
            colours[(y * 2 / height) * 4 + x * 4 / width]
        }
    }

    /// Pictures with a bright square that goes from left to right, a step each picture.
    static func moving(_ count: Int, from first: Int = 0) -> FrameBuffer {
        pictures(count, width: 64, height: 48) { picture, x, y in
            let left = (first + picture) * 2 % 56
            let isInside = (left..<left + 8).contains(x) && (20..<28).contains(y)
            return isInside ? [240, 240, 240] : [30, 40, 50]
        }
    }

    static func pictures(
        _ count: Int,
        width: Int,
        height: Int,
        _ colour: (_ picture: Int, _ x: Int, _ y: Int) -> [UInt8]
    ) -> FrameBuffer {
        var bytes: [UInt8] = []
        for picture in 0..<count {
            for y in 0..<height {
                for x in 0..<width { bytes += colour(picture, x, y) }
            }
        }
        return FrameBuffer(frameCount: count, height: height, width: width, bytes: bytes)
    }

    /// A soft tone with a click at each of some times.
    static func clicks(
        at times: [Double],
        seconds: Double,
        rate: Int,
        channels: Int = 1
    ) -> Waveform {
        let count = Int((seconds * Double(rate)).rounded())
        var samples = (0..<count).map { Float(0.01 * sin(2000 * Double($0) / Double(rate))) }
        for time in times {
            let place = Int((time * Double(rate)).rounded())
            for offset in -1...1 where samples.indices.contains(place + offset) {
                samples[place + offset] = offset == 0 ? 0.9 : 0.4
            }
        }
        return Waveform(sampleRate: rate, samples: Array(repeating: samples, count: channels))
    }

    /// Mean colour of the middle of each patch.
    static func means(_ picture: [UInt8], width: Int, height: Int) -> [[Double]] {
        colours.indices.map { patch in
            let (left, top) = (patch % 4 * width / 4, patch / 4 * height / 2)
            var sums = [0.0, 0.0, 0.0]
            var count = 0.0
            for y in top + 8..<top + height / 2 - 8 {
                for x in left + 8..<left + width / 4 - 8 {
                    for channel in 0..<3 {
                        sums[channel] += Double(picture[(y * width + x) * 3 + channel])
                    }
                    count += 1
                }
            }
            return sums.map { $0 / count }
        }
    }
}
