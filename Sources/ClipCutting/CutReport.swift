/// What cutting a clip has come to, or would come to.
public struct CutReport: Codable, Sendable, Equatable {
    /// A stretch of the clip.
    public struct Part: Codable, Sendable, Equatable {
        /// The file that holds it; nil for what is left out, and in a dry run.
        public var file: String?
        /// Seconds after the clip's first picture.
        public var from: Double
        /// Seconds after the clip's first picture.
        public var to: Double
        /// Number of pictures in the file.
        public var pictures: Int
        /// Share that is taken for speech; nil where nobody listened.
        public var speech: Double?
    }

    /// The clip.
    public var clip: String
    /// Its pieces, ascending.
    public var pieces: [Part] = []
    /// Stretches in no piece, because they are shorter than a piece may be.
    public var leftOut: [Part] = []
    /// What differs between clip and pieces, in words.
    public var remarks: [String] = []
    /// Where the clip was moved to; nil if it is where it was.
    public var original: String?

    /// Lines for people.
    public var text: String {
        var lines = pieces.map { line($0.file ?? "piece", $0) }
        lines += leftOut.map { line("left out, too short", $0) }
        lines += remarks.map { "note: \($0)" }
        if pieces.isEmpty { lines.insert("no piece of \(clip) has an allowed length", at: 0) }
        if let original { lines.append("the clip is now \(original)") }
        return lines.joined(separator: "\n")
    }

    private func line(_ name: String, _ part: Part) -> String {
        let speech = part.speech.map { ", speech \(Int(($0 * 100).rounded())) %" } ?? ""
        return "\(name): \(part.from.secondsText) to \(part.to.secondsText), "
            + "\((part.to - part.from).secondsText), \(part.pictures) pictures\(speech)"
    }
}

extension CutReport {
    /// Takes over what writing the pieces has come to; the rest stays as planned.
    public mutating func take(filesOf written: CutReport) {
        for index in pieces.indices where index < written.pieces.count {
            pieces[index].file = written.pieces[index].file
            pieces[index].pictures = written.pieces[index].pictures
        }
        original = written.original
    }
}
