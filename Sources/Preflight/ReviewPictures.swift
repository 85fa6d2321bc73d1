import Foundation
import Media

/// What a page draws of a clip.
enum ReviewPictures {
    /// A picture as an address that holds it.
    static func address(_ png: [UInt8]) -> String {
        "data:image/png;base64,\(Data(png).base64EncodedString())"
    }

    /// The envelope as one path of an SVG of width 240 and height 60.
    static func waveform(_ envelope: [ClosedRange<Float>]) -> String {
        guard !envelope.isEmpty else { return "" }
        let width = 240.0 / Double(envelope.count)
        func place(_ column: Int, _ value: Float) -> String {
            let x = (Double(column) + 0.5) * width
            let y = 30 - 29 * Double(min(max(value, -1), 1))
            return "\(x.text(1)),\(y.text(1))"
        }
        let upper = envelope.indices.map { place($0, envelope[$0].upperBound) }
        let lower = envelope.indices.reversed().map { place($0, envelope[$0].lowerBound) }
        return """
            <svg class="wave" viewBox="0 0 240 60" preserveAspectRatio="none" role="img" \
            aria-label="waveform"><polygon points="\((upper + lower).joined(separator: " "))"/></svg>
            """
    }

    /// A spectrogram as a picture: time to the right, low frequencies below, 70 dB from dark to light.
    static func spectrogram(_ columns: [[Float]]) -> [UInt8]? {
        guard let bins = columns.first?.count, bins > 0 else { return nil }
        let loudest = columns.joined().max() ?? 0
        var bytes: [UInt8] = []
        bytes.reserveCapacity(columns.count * bins * 3)
        for bin in (0..<bins).reversed() {
            for column in columns {
                let share = 1 - (loudest - column[bin]) / 70
                bytes += color(min(max(share, 0), 1))
            }
        }
        let picture = FrameBuffer(frameCount: 1, height: bins, width: columns.count, bytes: bytes)
        return try? PictureEncoder.png(picture)
    }

    /// From night blue over violet to warm white.
    private static func color(_ share: Float) -> [UInt8] {
        let stops: [(Float, Float, Float)] = [
            (12, 14, 32), (72, 30, 110), (176, 52, 104), (242, 132, 74), (255, 240, 210),
        ]
        let place = share * Float(stops.count - 1)
        let left = min(Int(place), stops.count - 2)
        let part = place - Float(left)
        let (from, to) = (stops[left], stops[left + 1])
        return [
            UInt8(from.0 + (to.0 - from.0) * part), UInt8(from.1 + (to.1 - from.1) * part),
            UInt8(from.2 + (to.2 - from.2) * part),
        ]
    }
}
