import Foundation
internal import Safetensors

/// A file of one of our caches: tensors, the key they answer, and a checksum over the numbers.
///
/// The checksum is what tells a whole entry from one with a damaged sector; the header alone only
/// tells that the length is right.
struct CacheFile {
    /// What the file holds: `likeness-latents` or `likeness-text`.
    let kind: String
    let schema: Int
    let key: String
    var facts: [String: String] = [:]
    var tensors: [CacheTensor]

    func tensor(_ name: String) -> CacheTensor? { tensors.first { $0.name == name } }

    /// Writes the file beside its place, brings it to disk and gives it its name.
    func write(to path: String) throws(CacheError) {
        do {
            try FileManager.default.createDirectory(
                atPath: (path as NSString).deletingLastPathComponent,
                withIntermediateDirectories: true
            )
            let writer = try SafetensorsWriter(
                path: path,
                entries: tensors.map {
                    SafetensorsEntry(name: $0.name, dtype: $0.type, shape: $0.shape)
                },
                metadata: metadata
            )
            for tensor in tensors {
                try tensor.withBytes { try writer.write(tensor.name, $0) }
            }
            try writer.finish()
        } catch let error as SafetensorsError {
            throw CacheError(place: error.place, problem: error.problem, fix: error.fix)
        } catch {
            throw CacheError(
                place: (path as NSString).deletingLastPathComponent,
                problem: "cannot be made (\(error.localizedDescription)), should be a folder",
                fix: "make the folder of the clips writable"
            )
        }
    }

    private var metadata: [String: String] {
        var metadata = facts
        metadata["format"] = "pt"
        metadata["kind"] = kind
        metadata["schema"] = "\(schema)"
        metadata["key"] = key
        metadata["checksum"] = Digest.hex(of: tensors, facts: metadata)
        return metadata
    }

    /// Reads the file and checks that it is whole and answers the key; without a key any will do.
    static func read(_ path: String, kind: String, schema: Int, key: String?) -> CacheAnswer<
        CacheFile
    > {
        guard FileManager.default.fileExists(atPath: path) else { return .miss }
        let file: SafetensorsFile
        do {
            file = try SafetensorsFile(path: path)
        } catch {
            return .broken(error.problem)
        }
        guard file.metadata["kind"] == kind else {
            return .broken("is not a cache file of this program")
        }
        guard file.metadata["schema"] == "\(schema)" else {
            return .stale("schema \(file.metadata["schema"] ?? "unknown"), should be \(schema)")
        }
        let own = file.metadata["key"] ?? ""
        guard key == nil || own == key else { return .stale("made for another key") }
        return contents(of: file, kind: kind, schema: schema, key: own)
    }

    private static func contents(
        of file: SafetensorsFile,
        kind: String,
        schema: Int,
        key: String
    ) -> CacheAnswer<CacheFile> {
        let tensors = file.names.compactMap { CacheTensor($0, from: file) }
        guard tensors.count == file.names.count else {
            return .broken("holds tensors of an unknown type")
        }
        var facts = file.metadata
        guard facts.removeValue(forKey: "checksum") == Digest.hex(of: tensors, facts: facts) else {
            return .broken("the checksum does not fit the contents")
        }
        return .hit(CacheFile(kind: kind, schema: schema, key: key, facts: facts, tensors: tensors))
    }
}
