/// Where the video tokens of a clip lie: token order is frame, then row, then column.
public struct VideoGrid: Hashable, Sendable {
    /// Latent frames.
    public let frames: Int
    /// Latent rows.
    public let height: Int
    /// Latent columns.
    public let width: Int
    /// Pictures per second of the clip itself.
    public let fps: Double

    /// A grid of latent tokens.
    public init(frames: Int, height: Int, width: Int, fps: Double) {
        self.frames = frames
        self.height = height
        self.width = width
        self.fps = fps
    }

    /// Number of tokens.
    public var tokenCount: Int { frames * height * width }
}

/// Factors between latents and the world.
public struct LatentScale: Equatable, Sendable {
    /// Pictures per latent frame.
    public var time = 8
    /// Pixels per latent row or column.
    public var space = 32
    /// The first latent frame holds this many pictures.
    public var causalOffset = 1
    /// Mel frames per audio latent.
    public var audio = 4
    /// Samples per mel frame.
    public var hop = 160
    /// Samples per second of the mel front end.
    public var sampleRate = 16000

    /// The factors of every LTX-2 model so far.
    public init() {}

    /// Audio latents per second: 25.
    public var audioRate: Double { Double(sampleRate) / Double(hop) / Double(audio) }

    /// Audio latents of a clip: as many as sampling makes, so that training and sampling agree.
    public func audioCount(pictures: Int, fps: Double) -> Int {
        Int((Double(pictures) / fps * audioRate).rounded(.toNearestOrEven))
    }
}

/// Start and end of each token along an axis, as float32: seconds for time, pixels for space.
public struct TokenIntervals: Sendable, Equatable {
    /// First moment or pixel.
    public let starts: [Float]
    /// End, not included.
    public let ends: [Float]

    /// The middle, which is what the rotary tables take.
    public var middles: [Float] { zip(starts, ends).map { ($0 + $1) / 2 } }
}

extension LatentScale {
    /// Time, row and column intervals of all video tokens.
    public func intervals(of grid: VideoGrid) -> [TokenIntervals] {
        let moments = (0...grid.frames).map { edge in
            Float(max(0, edge * time + causalOffset - time)) / Float(grid.fps)
        }
        let pixels = (0...max(grid.height, grid.width)).map { Float($0 * space) }
        let rows = grid.height * grid.width
        return [
            .picking(moments, count: grid.tokenCount) { $0 / rows },
            .picking(pixels, count: grid.tokenCount) { $0 % rows / grid.width },
            .picking(pixels, count: grid.tokenCount) { $0 % grid.width },
        ]
    }

    /// Time intervals of audio tokens.
    public func intervals(ofAudio count: Int) -> TokenIntervals {
        let edges = (0...count).map { edge in
            Float(max(0, edge * audio + 1 - audio)) * Float(hop) / Float(sampleRate)
        }
        return .picking(edges, count: count) { $0 }
    }
}

extension TokenIntervals {
    /// Token t spans the edges `place(t)` and `place(t) + 1`.
    fileprivate static func picking(
        _ edges: [Float],
        count: Int,
        _ place: (Int) -> Int
    ) -> TokenIntervals {
        TokenIntervals(
            starts: (0..<count).map { edges[place($0)] },
            ends: (0..<count).map { edges[place($0) + 1] }
        )
    }
}
