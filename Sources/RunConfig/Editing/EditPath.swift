/// One step from a value of a run file to a value within it.
enum EditStep: Hashable, CustomStringConvertible {
    case key(String)
    case index(Int)

    var description: String {
        switch self {
        case .key(let key): ".\(key)"
        case .index(let index): "[\(index)]"
        }
    }
}

/// A path of the schema, such as `datasets[0].fps`, as steps from the top of the document.
struct EditPath {
    let text: String
    let steps: [EditStep]

    /// Keys of the document; all others are those of a process.
    private static let topKeys: Set = ["job", "meta", "config"]

    init(_ text: String) throws(RunFileEditFault) {
        self.text = text
        let parts = text.split(separator: ".", omittingEmptySubsequences: false)
        var steps: [EditStep] = []
        for part in parts { steps += try Self.steps(of: part, in: text) }
        guard case .key(let first)? = steps.first else { throw Self.fault(text) }
        if first == "process", steps.count > 2, case .index = steps[1] {
            self.steps = [.key("config")] + steps
        } else if Self.topKeys.contains(first) {
            self.steps = steps
        } else {
            self.steps = [.key("config"), .key("process"), .index(0)] + steps
        }
    }

    /// `a[0][1]` as a key and its indices.
    private static func steps(
        of part: Substring,
        in text: String
    ) throws(RunFileEditFault) -> [EditStep] {
        guard let match = part.wholeMatch(of: #/([^\[\]\s]+)((?:\[\d{1,4}\])*)/#) else {
            throw fault(text)
        }
        let indices = match.2.split(whereSeparator: { "[]".contains($0) }).compactMap { Int($0) }
        return [.key(String(match.1))] + indices.map(EditStep.index)
    }

    private static func fault(_ text: String) -> RunFileEditFault {
        RunFileEditFault(
            line: 1,
            path: text,
            message: "is no path of a key",
            fix: "write it as in train.lr or datasets[0].fps"
        )
    }
}

extension Sequence<EditStep> {
    /// As it stands in the schema's paths, where the first process is left out.
    var shown: String {
        let text = map(\.description).joined().drop { $0 == "." }
        return String(text.trimmingPrefix("config.process[0]").drop { $0 == "." })
    }
}
