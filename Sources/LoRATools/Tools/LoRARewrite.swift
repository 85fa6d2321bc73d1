import Foundation
import Safetensors
import Torch

/// A file made of others: tensors that are copied byte by byte, and tensors that are made anew.
struct LoRARewrite {
    /// A tensor of the new file.
    struct Item {
        let entry: LoRAEntry
        let content: Content

        enum Content {
            case copy(TensorInfo, SafetensorsFile)
            case make(() throws -> Tensor)
        }
    }

    private(set) var items: [Item] = []
    var metadata: [String: String]

    init(metadata: [String: String]) { self.metadata = metadata }

    /// A stored tensor with its bytes, under its own name or another.
    mutating func copy(_ part: LoRAPart, of file: SafetensorsFile, as name: String? = nil) throws {
        guard let dtype = DType(part.stored.dtype) else {
            throw LoRAError(
                at: "\(file.path), \(part.stored.name)",
                "has the packed type \(part.stored.dtype.rawValue), should be floats",
                fix: "use the adapter as it was trained"
            )
        }
        let entry = LoRAEntry(
            name: name ?? part.stored.name,
            dtype: dtype,
            shape: part.stored.shape
        )
        items.append(Item(entry: entry, content: .copy(part.stored, file)))
    }

    /// A tensor that is computed when its turn comes.
    mutating func make(_ entry: LoRAEntry, _ body: @escaping () throws -> Tensor) {
        items.append(Item(entry: entry, content: .make(body)))
    }

    /// Writes the file whole or not at all.
    func write(to path: String, progress: @escaping LoRAProgress) throws {
        try begin(path, progress: progress).finish()
    }

    /// Writes everything but the name.
    func begin(_ path: String, progress: @escaping LoRAProgress) throws -> LoRAWriter {
        let writer = try LoRAWriter(
            path: path,
            entries: items.map(\.entry),
            metadata: metadata,
            progress: progress
        )
        for item in items {
            switch item.content {
            case .copy(let stored, let file): try writer.copy(stored, from: file)
            case .make(let body): try writer.write(body())
            }
        }
        return writer
    }
}

/// Told bytes written and bytes in all.
public typealias LoRAProgress = (_ written: Int, _ total: Int) -> Void

/// Where a tool may write.
public enum LoRAOutput {
    /// Refuses a place in a folder where nothing can be written.
    public static func checkFolder(of path: String) throws(LoRAError) {
        let folder = (path as NSString).deletingLastPathComponent
        guard FileManager.default.isWritableFile(atPath: folder.isEmpty ? "." : folder) else {
            throw LoRAError(
                at: path,
                "is in a folder that does not exist or is not yours, should be writable",
                fix: "make the folder, or name another"
            )
        }
    }

    /// Refuses what would destroy an input or cannot be written; other files are replaced.
    static func check(_ path: String, inputs: [String]) throws(LoRAError) {
        guard path.hasSuffix(".safetensors") else {
            throw LoRAError(
                at: path,
                "is no name of an adapter file, should end in .safetensors",
                fix: "name the file to write with -o"
            )
        }
        guard !inputs.contains(where: { isSame($0, path) }) else {
            throw LoRAError(
                at: path,
                "is an input, should be another file",
                fix: "name another file with -o"
            )
        }
        var isFolder: ObjCBool = false
        let exists = FileManager.default.fileExists(atPath: path, isDirectory: &isFolder)
        guard exists, isFolder.boolValue else { return }
        throw LoRAError(at: path, "is a folder, should be a file", fix: "name a file inside it")
    }

    /// Whether two paths mean one file, through links too.
    private static func isSame(_ a: String, _ b: String) -> Bool {
        func identity(_ path: String) -> [UInt64]? {
            let place = URL(fileURLWithPath: path).resolvingSymlinksInPath().path
            let found = try? FileManager.default.attributesOfItem(atPath: place)
            let numbers = [FileAttributeKey.systemNumber, .systemFileNumber].compactMap {
                (found?[$0] as? NSNumber)?.uint64Value
            }
            return numbers.count == 2 ? numbers : nil
        }
        guard let first = identity(a), let second = identity(b) else { return false }
        return first == second
    }
}

extension LoRAFile {
    /// The last component of the path.
    var fileName: String { (path as NSString).lastPathComponent }

    /// All parts of the layers that are chosen, in the order of the file.
    func parts(where chosen: (LoRALayer) -> Bool = { _ in true }) -> [(LoRALayer, LoRAPart)] {
        layers.filter(chosen).flatMap { layer in layer.parts.map { (layer, $0) } }
            .sorted { $0.1.stored.byteRange.lowerBound < $1.1.stored.byteRange.lowerBound }
    }
}
