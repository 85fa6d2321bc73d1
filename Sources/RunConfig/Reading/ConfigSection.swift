/// One mapping of the run file while it is read: each call declares a key, reads it, and checks it.
///
/// The declaration order is: what the key is for (`about`), then the call that reads it. That pair is
/// the only place where a key is described; the schema is made by running the same calls.
struct ConfigSection {
    let place: Place
    let report: ConfigReport
    var entries: [String: ConfigNode.Entry] = [:]
    var order: [String] = []
    var known: Set<String> = []
    var documentation = ""

    init(root node: ConfigNode?, report: ConfigReport) {
        self.init(node, at: Place(path: "", line: node?.line ?? 1), report: report)
    }

    init(_ node: ConfigNode?, at place: Place, report: ConfigReport) {
        self.place = place
        self.report = report
        guard case .mapping(let list) = node?.content else { return }
        entries = Dictionary(list.map { ($0.key, $0) }) { $1 }
        order = list.map(\.key)
    }

    /// The sentence for the next key.
    mutating func about(_ sentence: String) { documentation = sentence }

    /// Whether the file gives the key a value.
    func has(_ key: String) -> Bool { entries[key].map { !$0.value.isNull } ?? false }

    /// Whether the file gives a key of a section within, such as `network.rank`.
    func gives(_ path: String) -> Bool { node(at: path).map { !$0.isNull } ?? false }

    /// What the file has under a key of a section within.
    func node(at path: String) -> ConfigNode? {
        let keys = path.split(separator: ".").map(String.init)
        return keys.dropFirst().reduce(entries[keys.first ?? ""]?.value) { $0?.child($1) }
    }

    /// The key's place, or the section's for an absent key; `train.lr` finds a key of a section within.
    func place(of key: String) -> Place {
        let path = path(of: key)
        return Place(path: path, line: entries[key]?.line ?? report.lines[path] ?? place.line)
    }

    func path(of key: String) -> String { place.path.isEmpty ? key : "\(place.path).\(key)" }

    func rawValue(_ key: String) -> ConfigValue { entries[key]?.value.value ?? .null }
}

extension ConfigSection {
    func error(_ key: String, _ message: String, fix: String) {
        report.add(.error, place(of: key), message, fix: fix)
    }

    func warn(_ key: String, _ message: String, fix: String = "") {
        report.addOnce(.warning, place(of: key), message, fix: fix)
    }

    func note(_ key: String, _ message: String, fix: String = "") {
        report.addOnce(.note, place(of: key), message, fix: fix)
    }
}
