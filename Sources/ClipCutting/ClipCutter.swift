import Foundation
public import Media

/// Cuts one clip: files beside it, with its caption.
///
/// A file appears whole or not at all, none is overwritten, and the clip itself stays, or is moved to `.originals`
/// beside it.
public struct ClipCutter: Sendable {
    /// The clip.
    public let reader: ClipReader
    private let writer: ClipPieceWriter
    private let edges: [Double]
    private let path: String

    /// What is told while pieces are written: number of the piece, of how many, and the share of it.
    public typealias Progress = (_ number: Int, _ count: Int, _ share: Double) throws -> Void

    /// Opens a clip.
    ///
    /// - Throws: `MediaError` for what cannot be read or cut.
    public init(path: String) throws {
        self.path = path
        reader = try ClipReader(path: path)
        writer = try ClipPieceWriter(reader)
        edges = reader.pictureEdges
    }

    /// Writes the part of the clip between two times, each taken to the nearest edge of a picture.
    ///
    /// - Parameters:
    ///   - start: seconds after the first picture.
    ///   - end: seconds after the first picture; nil for the clip's end.
    ///   - output: the file; nil for a free name beside the clip, or with `replaces` the clip's own.
    ///   - replaces: whether the clip moves to `.originals`.
    ///   - progress: told now and then; what it throws ends the work without a trace.
    /// - Returns: the one piece.
    /// - Throws: `CuttingError` for times outside of the clip and names that are taken; `MediaError`.
    public func trim(
        from start: Double,
        to end: Double?,
        output: String?,
        replaces: Bool,
        progress: Progress = { _, _, _ in }
    ) throws -> CutReport {
        let piece = try window(from: start, to: end)
        let files = CutFiles(clip: path)
        guard replaces, output == nil else {
            let target = try files.trimmed(output)
            return try write([piece], to: [target], files, replaces: replaces, progress)
        }
        let target = try files.replaced()
        // Written beside its place, which the clip leaves only for a file that is whole.
        let place = files.draft
        defer { unlink(place) }
        var report = report([piece], [target])
        let result = try writer.write(piece, to: place) { try progress(1, 1, $0) }
        report.pieces[0].pictures = result.frameCount
        report.original = try files.retire(withCaption: false)
        try FileManager.default.moveItem(atPath: place, toPath: target)
        return report
    }

    /// What a plan comes to, without writing anything.
    ///
    /// - Parameters:
    ///   - plan: of this clip.
    ///   - speech: share of speech from one time to another; nil where there is no sound.
    /// - Returns: pieces without files.
    public func report(on plan: PiecePlan, speech: ((Double, Double) -> Double)? = nil) -> CutReport
    {
        func part(_ piece: ClipPiece) -> CutReport.Part {
            CutReport.Part(
                from: piece.start,
                to: piece.end,
                pictures: piece.pictures.count,
                speech: speech?(piece.start, piece.end)
            )
        }
        return CutReport(
            clip: path,
            pieces: plan.pieces.map(part),
            leftOut: plan.leftOut.map(part),
            remarks: writer.remarks
        )
    }

    /// Writes the pieces of a plan.
    ///
    /// - Parameters:
    ///   - plan: of this clip, with a piece at least.
    ///   - stem: what the files' names begin with; nil for the clip's own name, made free.
    ///   - replaces: whether the clip and its caption move to `.originals`.
    ///   - progress: as in `trim`.
    /// - Returns: the pieces and their files.
    /// - Throws: `CuttingError` for names that are taken; `MediaError`; no piece stays then.
    public func split(
        _ plan: PiecePlan,
        stem: String?,
        replaces: Bool,
        progress: Progress = { _, _, _ in }
    ) throws -> CutReport {
        guard !plan.pieces.isEmpty else {
            throw CuttingError(
                path,
                "has no stretch of an allowed length",
                fix: "lower --min or raise --max"
            )
        }
        let files = CutFiles(clip: path)
        let targets = try files.pieces(plan.pieces.count, stem: stem)
        return try write(plan.pieces, to: targets, files, replaces: replaces, progress)
    }

    private func write(
        _ pieces: [ClipPiece],
        to targets: [String],
        _ files: CutFiles,
        replaces: Bool,
        _ progress: Progress
    ) throws -> CutReport {
        var report = report(pieces, targets)
        do {
            for (index, piece) in pieces.enumerated() {
                let result = try writer.write(piece, to: targets[index]) {
                    try progress(index + 1, pieces.count, $0)
                }
                report.pieces[index].pictures = result.frameCount
                try files.copyCaption(beside: targets[index])
            }
        } catch {
            targets.forEach(files.remove)
            throw error
        }
        if replaces { report.original = try files.retire(withCaption: true) }
        return report
    }

    private func report(_ pieces: [ClipPiece], _ targets: [String]) -> CutReport {
        var report = report(on: PiecePlan(pieces: pieces))
        for (index, target) in targets.enumerated() { report.pieces[index].file = target }
        return report
    }

    private func window(from start: Double, to end: Double?) throws -> ClipPiece {
        let length = edges.last ?? 0
        let half = edges.count > 1 ? length / Double(edges.count - 1) / 2 : 0
        guard start >= 0, start < length else {
            throw CuttingError(
                "--from",
                "is \(start.secondsText) and \(path) lasts from 0 s to \(length.secondsText)",
                fix: "name a time in the clip"
            )
        }
        guard end ?? length <= length + half else {
            throw CuttingError(
                "--to",
                "is \((end ?? length).secondsText) and \(path) ends at \(length.secondsText)",
                fix: "name a time in the clip, or leave it out for its end"
            )
        }
        guard let piece = ClipPiece(from: start, to: end ?? length, edges: edges) else {
            throw CuttingError(
                "--from and --to",
                "are \(start.secondsText) and \((end ?? length).secondsText), and no picture lies between",
                fix: "name a later time with --to"
            )
        }
        return piece
    }
}
