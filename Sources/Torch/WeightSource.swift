public import Safetensors

/// Where a model's weights come from, under the model's own names.
public protocol WeightSource: AnyObject {
    /// Every name there is.
    var names: [String] { get }
    /// Shape of a tensor; nil if there is none of that name.
    func shape(of name: String) -> [Int]?
    /// Reads one tensor, as it is stored, to the CPU.
    func load(_ name: String) throws -> Tensor
    /// The same for a tensor that the model knows the shape of.
    func shape(of name: String, expecting shape: [Int]) -> [Int]?
    /// Reads a tensor that the model knows the shape of.
    func load(_ name: String, expecting shape: [Int]) throws -> Tensor
    /// The same for a tensor that is only read, then copied or converted: its memory may be the file's own.
    func lend(_ name: String, expecting shape: [Int]) throws -> Tensor
}

extension WeightSource {
    /// What is stored, whatever is expected.
    public func shape(of name: String, expecting shape: [Int]) -> [Int]? { self.shape(of: name) }

    /// What is stored, whatever is expected.
    public func load(_ name: String, expecting shape: [Int]) throws -> Tensor { try load(name) }

    /// A copy.
    public func lend(_ name: String, expecting shape: [Int]) throws -> Tensor {
        try load(name, expecting: shape)
    }
}

/// Weights in safetensors files, renamed on the way.
public final class FileWeights: WeightSource, Sendable {
    private let files: WeightFiles
    private let fileNames: [String: String]  // our name → the file's

    /// Takes the tensors for which `rename` gives a name of ours.
    public init(_ files: WeightFiles, rename: (String) -> String?) {
        self.files = files
        fileNames = Dictionary(
            files.names.compactMap { name in rename(name).map { ($0, name) } },
            uniquingKeysWith: { first, _ in first }
        )
    }

    /// Takes the tensors below a prefix, without it.
    public convenience init(_ files: WeightFiles, prefix: String = "") {
        self.init(files) { $0.hasPrefix(prefix) ? String($0.dropFirst(prefix.count)) : nil }
    }

    /// Every name there is, sorted.
    public var names: [String] { fileNames.keys.sorted() }

    /// The first file's `__metadata__`.
    public var metadata: [String: String] { files.metadata }

    /// What the files call a tensor; nil if there is none of that name.
    public func storedName(of name: String) -> String? { fileNames[name] }

    /// Shape of a tensor; nil if there is none of that name.
    public func shape(of name: String) -> [Int]? {
        fileNames[name].flatMap { files.info($0)?.shape }
    }

    /// Lends the stored bytes of a tensor; nil if there is none of that name.
    public func withBytes<R>(of name: String, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
        fileNames[name].flatMap { stored in
            files.file(for: stored)?.withBytes(of: stored, body) ?? nil
        }
    }

    /// Lets go of a tensor's memory after its bytes were lent.
    public func dropFromMemory(_ name: String) {
        guard let stored = fileNames[name] else { return }
        files.file(for: stored)?.dropFromMemory(stored)
    }

    /// How a tensor is stored; nil if there is none of that name.
    public func info(_ name: String) -> TensorInfo? { fileNames[name].flatMap(files.info) }

    /// Reads one tensor, as it is stored, to the CPU; the file's pages are given back at once.
    public func load(_ name: String) throws -> Tensor {
        guard let stored = fileNames[name], let file = files.file(for: stored) else {
            throw CheckpointError(missing: [name])
        }
        let tensor = try Tensor(reading: stored, from: file)
        file.dropFromMemory(stored)
        return tensor
    }

    /// A tensor in the memory of the file; its pages are given back when it is no longer referred to.
    public func lend(_ name: String, expecting shape: [Int]) throws -> Tensor {
        guard let stored = fileNames[name], let file = files.file(for: stored) else {
            throw CheckpointError(missing: [name])
        }
        return try LentTensor.of(stored, in: file) ?? load(name)
    }
}

extension Tensor {
    /// Copies one tensor of a file, in its stored type.
    public convenience init(reading name: String, from file: SafetensorsFile) throws {
        guard let info = file.info(name) else { throw CheckpointError(missing: [name]) }
        guard let dtype = DType(info.dtype) else {
            throw CheckpointError(unreadable: ["\(name) has the packed type \(info.dtype.rawValue)"]
            )
        }
        let made = file.withBytes(of: name) { Tensor(bytes: $0, dtype: dtype, shape: info.shape) }
        guard let made else { throw CheckpointError(missing: [name]) }
        self.init(sharing: made)
    }
}

/// A checkpoint that does not fit the model: every fault by name.
public struct CheckpointError: Error, Equatable, CustomStringConvertible {
    /// Tensors that the model needs and the file lacks.
    public var missing: [String]
    /// Tensors that the file has and the model does not know.
    public var unexpected: [String]
    /// Tensors of another shape, told in full.
    public var misshapen: [String]
    /// Tensors that cannot be read, with the reason.
    public var unreadable: [String]
    /// The file or folder, where known.
    public var source: String

    /// An error with the faults found so far.
    public init(
        source: String = "checkpoint",
        missing: [String] = [],
        unexpected: [String] = [],
        misshapen: [String] = [],
        unreadable: [String] = []
    ) {
        self.source = source
        self.missing = missing
        self.unexpected = unexpected
        self.misshapen = misshapen
        self.unreadable = unreadable
    }

    /// Whether nothing is wrong.
    public var isEmpty: Bool {
        missing.isEmpty && unexpected.isEmpty && misshapen.isEmpty && unreadable.isEmpty
    }

    /// The first ten of each kind, and what to do.
    public var description: String {
        let parts = [
            ("missing", missing), ("unexpected", unexpected), ("of another shape", misshapen),
            ("unreadable", unreadable),
        ]
        let lists = parts.filter { !$0.1.isEmpty }.map { kind, names in
            let more = names.count > 10 ? "\n    … and \(names.count - 10) more" : ""
            return "  \(names.count) \(kind):\n    "
                + names.prefix(10).joined(separator: "\n    ") + more
        }
        return "\(source) does not fit the model:\n" + lists.joined(separator: "\n")
            + "\n  Use a whole LTX-2.0 or LTX-2.3 checkpoint; `likeness model inspect` shows what a file holds."
    }
}
