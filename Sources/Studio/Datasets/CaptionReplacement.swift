import Foundation
import HTTPTypes

/// Find and replace over the captions of a folder.
struct CaptionReplacement: Decodable {
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
        return try DatasetFolders.clips(in: folder).compactMap { name in
            let clip = "\(folder)/\(name)"
            let caption = CaptionText(clip: clip)
            guard let before = caption.text, let address = roots.address(of: clip) else {
                return nil
            }
            let whole = NSRange(before.startIndex..., in: before)
            let count = expression.numberOfMatches(in: before, range: whole)
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
