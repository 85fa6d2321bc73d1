import Foundation

/// What lies in a run's folder.
struct RunFolderFiles {
    struct Entry: Encodable {
        let path: String
        let name: String
        let kind: Kind
        let bytes: Int
        let modifiedAt: Date
    }

    enum Kind: String, Encodable {
        case adapter, state, sample, metrics, log, config, other
    }

    let roots: Roots

    /// All files below a folder that pages may see, by name; none if it is not there.
    func all(in folder: String) -> [Entry] {
        guard let real = Roots.real(folder), roots.contains(real),
            let names = FileManager.default.enumerator(atPath: real)
        else { return [] }
        return names.compactMap { $0 as? String }.compactMap { entry($0, in: real) }
            .sorted { $0.name < $1.name }
    }

    private func entry(_ name: String, in folder: String) -> Entry? {
        guard !name.split(separator: "/").contains(where: { $0.hasPrefix(".") }),
            let facts = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)"),
            facts[.type] as? FileAttributeType == .typeRegular,
            let path = roots.address(of: "\(folder)/\(name)")
        else { return nil }
        return Entry(
            path: path,
            name: name,
            kind: Self.kind(of: name),
            bytes: facts[.size] as? Int ?? 0,
            modifiedAt: facts[.modificationDate] as? Date ?? .distantPast
        )
    }

    static func kind(of name: String) -> Kind {
        if name.hasPrefix("state/") { return .state }
        if name.hasPrefix("samples/") { return .sample }
        switch name.split(separator: ".").last {
        case "safetensors": return name.contains("/") ? .other : .adapter
        case "jsonl": return .metrics
        case "yaml": return .config
        case "txt" where name.contains("log"): return .log
        default: return .other
        }
    }
}
