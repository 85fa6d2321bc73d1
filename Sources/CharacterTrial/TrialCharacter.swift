import Foundation
import Media

/// A character of the trial: a coloured sprite that moves, and a tone.
struct TrialCharacter: Sendable {
    /// The word that calls it.
    let trigger: String
    /// Red, green, blue, 0...255.
    let colour: [UInt8]
    /// Whether the sprite is round.
    let isRound: Bool
    /// Hertz.
    let tone: Double

    /// The two that adapters are trained for.
    static let both = [
        TrialCharacter(trigger: "anna", colour: [240, 40, 40], isRound: false, tone: 320),
        TrialCharacter(trigger: "ben", colour: [30, 60, 230], isRound: true, tone: 1500),
    ]

    /// Those that the base model knows.
    static let world = [
        TrialCharacter(trigger: "carl", colour: [40, 190, 60], isRound: true, tone: 600),
        TrialCharacter(trigger: "dora", colour: [240, 240, 240], isRound: false, tone: 2400),
        TrialCharacter(trigger: "emil", colour: [20, 20, 20], isRound: true, tone: 180),
        TrialCharacter(trigger: "fay", colour: [230, 210, 40], isRound: false, tone: 950),
    ]

    /// What a caption says of it.
    var caption: String { Self.caption([trigger]) }

    /// Names over and over: a caption is short, and to the tiny model most of a text is padding.
    static func caption(_ names: [String]) -> String {
        let line = names.map { "\($0) in a grey room" }.joined(separator: ", ")
        return Array(repeating: line, count: 60 / names.count).joined(separator: ", ")
    }

    /// Pixels of a side, pictures, pictures per second, samples per second.
    static let (side, frames, rate, soundRate) = (64, 17, 24.0, 48_000)

    /// Writes a clip; they differ in where the sprite goes.
    func writeClip(_ number: Int, to path: String) throws {
        let writer = try MovieWriter(
            path: path,
            size: (Self.side, Self.side),
            frameRate: Self.rate,
            sound: MovieSound(sampleRate: Self.soundRate, channels: 1)
        )
        try writer.append(frames: pictures(number))
        try writer.append(sound: sound)
        try writer.finish()
    }

    private func pictures(_ number: Int) -> FrameBuffer {
        let side = Self.side
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.frames * side * side * 3)
        for frame in 0..<Self.frames {
            let (x, y) = (28 + 4 * number + frame / 4, 34 - 3 * number)
            for row in 0..<side {
                for column in 0..<side {
                    bytes += covers(column - x, row - y) ? colour : [128, 128, 128]
                }
            }
        }
        return FrameBuffer(frameCount: Self.frames, height: side, width: side, bytes: bytes)
    }

    private func covers(_ x: Int, _ y: Int) -> Bool {
        isRound ? x * x + y * y <= 26 * 26 : abs(x) <= 23 && abs(y) <= 23
    }

    private var sound: Waveform {
        let count = Int(Double(Self.soundRate) * Double(Self.frames) / Self.rate)
        let step = 2 * Double.pi * tone / Double(Self.soundRate)
        return Waveform(
            sampleRate: Self.soundRate,
            samples: [(0..<count).map { Float(0.4 * sin(step * Double($0))) }]
        )
    }
}
