import Foundation
import HTTPTypes

/// Find and replace over the captions of a folder.
struct CaptionReplacement: Decodable, Sendable {
    /// How long an expression may search through a folder's captions: some never come to an end.
    static let patience: Duration = .seconds(3)

    struct Change: Encodable {
        let path: String
        let name: String
        let before: String
        let after: String
        let count: Int
    }

    let find: String
    let replace: String
    let isExpression: Bool?
    let isCaseSensitive: Bool?
    let dryRun: Bool?

    /// What would change, and unless it is a dry run, changed.
    ///
    /// - Throws: `StudioError` for a faulty expression; Foundation's errors for a caption that cannot be written.
    func apply(in folder: String, roots: Roots) throws -> [Change] {
        let expression = try compiled()
        let end = ContinuousClock.now + Self.patience
        return try DatasetFolders.clips(in: folder, roots: roots).compactMap { name in
            let clip = "\(folder)/\(name)"
            let caption = CaptionText(clip: clip)
            guard let before = caption.text, let address = roots.address(of: clip) else {
                return nil
            }
            let whole = NSRange(before.startIndex..., in: before)
            let count = try matches(of: expression, in: before, until: end)
            guard count > 0 else { return nil }
            let after = expression.stringByReplacingMatches(
                in: before,
                range: whole,
                withTemplate: template
            )
            if dryRun == false { try caption.write(after) }
            return Change(path: address, name: name, before: before, after: after, count: count)
        }
    }

    private func matches(
        of expression: NSRegularExpression,
        in text: String,
        until end: ContinuousClock.Instant
    ) throws -> Int {
        var (count, isLate) = (0, false)
        let whole = NSRange(text.startIndex..., in: text)
        expression.enumerateMatches(in: text, options: .reportProgress, range: whole) {
            match,
            _,
            stop in
            if match != nil { count += 1 }
            guard ContinuousClock.now > end else { return }
            isLate = true
            stop.pointee = true
        }
        guard !isLate else {
            throw StudioError(
                .badRequest,
                "find",
                "takes too long to search for",
                fix: "write a simpler expression, without repeated repetitions"
            )
        }
        return count
    }

    private var template: String {
        isExpression == true ? replace : NSRegularExpression.escapedTemplate(for: replace)
    }

    private func compiled() throws -> NSRegularExpression {
        let pattern = isExpression == true ? find : NSRegularExpression.escapedPattern(for: find)
        let options: NSRegularExpression.Options = isCaseSensitive == true ? [] : [.caseInsensitive]
        guard !find.isEmpty,
            let expression = try? NSRegularExpression(pattern: pattern, options: options)
        else {
            throw StudioError(
                .badRequest,
                "find",
                find.isEmpty ? "is empty" : "is no regular expression",
                fix: "write what is to be found"
            )
        }
        return expression
    }
}
