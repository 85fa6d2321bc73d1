public import Media
public import SoundAnalysis

/// What a clip is split by.
public enum SplitRule: String, Sendable, CaseIterable {
    /// In the middle of pauses of its sound, so that no word is cut.
    case silence
    /// Where the picture changes at once.
    case scene
}

/// Finds where to split a clip.
public struct ClipSplitting {
    private let reader: ClipReader
    private let rule: SplitRule
    private let edges: [Double]
    private let planner: PiecePlanner
    /// Pauses of the clip's sound; nil without sound.
    public let pauses: Pauses?

    /// Reads the clip's sound, up to all of it.
    ///
    /// - Parameters:
    ///   - reader: the clip.
    ///   - rule: what it is split by.
    ///   - lengths: shortest and longest piece in seconds.
    /// - Throws: `CuttingError` for lengths that no piece can have, a clip shorter than the shortest piece,
    ///   and silence asked of a clip without sound; `MediaError` for a damaged file.
    public init(_ reader: ClipReader, by rule: SplitRule, lengths: ClosedRange<Double>) throws {
        let path = reader.info.path
        guard lengths.lowerBound > 0, lengths.upperBound <= 86400 else {
            throw CuttingError(
                "--min and --max",
                "are \(lengths.lowerBound.secondsText) and \(lengths.upperBound.secondsText), should be "
                    + "above 0 s and at most a day",
                fix: "leave them out for 2 s and 8 s"
            )
        }
        edges = reader.pictureEdges
        let seconds = edges.last ?? 0
        guard seconds >= lengths.lowerBound else {
            throw CuttingError(
                path,
                "is \(seconds.secondsText) long, and the shortest piece should be "
                    + lengths.lowerBound.secondsText,
                fix: "lower --min, or leave the clip whole"
            )
        }
        if rule == .silence, reader.info.audio == nil {
            throw CuttingError(
                path,
                "has no sound, and should be split by its silence",
                fix: "split it by scene"
            )
        }
        (self.reader, self.rule) = (reader, rule)
        planner = PiecePlanner(lengths: lengths, edges: edges)
        pauses = try Self.pauses(reader, seconds: seconds)
    }

    /// The pieces.
    ///
    /// By silence, cuts go through the middle of pauses: all those of 0.6 s or more that the lengths allow,
    /// shorter ones where a piece would be too long otherwise, and through sound only where it has no pause.
    /// By scene, every change of scene is a cut; a scene that is too long is cut as by silence, one that is
    /// too short is left out.
    ///
    /// - Throws: `MediaError` for damaged pictures.
    public func plan() throws -> PiecePlan {
        let seconds = edges.last ?? 0
        let points =
            pauses.map { CutPoint.points(in: $0, seconds: seconds) }
            ?? CutPoint.plain(seconds: seconds)
        let last = edges.count - 1
        guard rule == .scene else { return planner.plan(0..<last, points) }
        let bounds = [0] + (try SceneChanges.find(in: reader)) + [last]
        // Within a scene only what its length demands is cut.
        let needed = points.map { CutPoint(seconds: $0.seconds, cost: max($0.cost, 0) + 2) }
        return zip(bounds, bounds.dropFirst()).reduce(into: PiecePlan()) { plan, scene in
            guard scene.0 < scene.1 else { return }
            let part = planner.plan(scene.0..<scene.1, needed)
            plan.pieces += part.pieces
            plan.leftOut += part.leftOut
        }
    }

    private static func pauses(_ reader: ClipReader, seconds: Double) throws -> Pauses? {
        guard let rate = reader.info.audio?.sampleRate else { return nil }
        switch try reader.sound(
            from: 0,
            duration: seconds,
            sampleRate: max(16000, min(rate, 48000))
        ) {
        case .absent: return nil
        case .silent(let wave), .sound(let wave): return Pauses(in: wave)
        }
    }
}
