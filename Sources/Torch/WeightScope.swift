/// Hands weights to a model under construction and remembers everything that does not fit.
///
/// A model asks for all it needs and goes on after a fault; `finish` then throws the whole list.
public final class WeightReader {
    private let source: any WeightSource
    private let sourceName: String
    private let dtype: DType?
    private let device: Device
    private let keepsTensors: Bool
    private var asked: Set<String> = []
    /// What the model was given, by name, if the reader was told to keep it: for derivatives of weights.
    public private(set) var tensors: [String: Tensor] = [:]
    private var faults: CheckpointError

    /// Converts every weight to `dtype` (nil: as stored) on `device` while reading.
    public init(
        _ source: any WeightSource,
        named sourceName: String,
        dtype: DType?,
        device: Device = .cpu,
        keepsTensors: Bool = false
    ) {
        self.source = source
        self.sourceName = sourceName
        self.dtype = dtype
        self.device = device
        self.keepsTensors = keepsTensors
        faults = CheckpointError(source: sourceName)
    }

    /// The top of the checkpoint.
    public var root: WeightScope { WeightScope(reader: self, path: "") }

    /// Throws what was missing, misshapen or unreadable, and what is left over below `prefixes`.
    public func finish(unexpectedBelow prefixes: [String] = [""]) throws {
        faults.unexpected = source.names.filter { name in
            !asked.contains(name) && prefixes.contains { name.hasPrefix($0) }
        }
        guard faults.isEmpty else { throw faults }
    }

    func has(_ name: String) -> Bool { source.shape(of: name) != nil }

    func shape(of name: String) -> [Int]? { source.shape(of: name) }

    /// Marks names as known although nobody reads them.
    func ignore(below path: String) {
        asked.formUnion(source.names.filter { $0.hasPrefix(path) })
    }

    func read(_ name: String, shape: [Int], dtype wanted: DType?) -> Tensor {
        asked.insert(name)
        guard let found = source.shape(of: name, expecting: shape) else {
            faults.missing.append(name)
            return Tensor(adopting: nil)
        }
        guard found == shape else {
            faults.misshapen.append("\(name): is \(found), should be \(shape)")
            return Tensor(adopting: nil)
        }
        do {
            let stored = try source.load(name, expecting: shape)
            let target = wanted ?? (stored.dtype.isFloatingPoint ? dtype : nil)
            let tensor = stored.to(target, on: device)
            if keepsTensors { tensors[name] = tensor }
            return tensor
        } catch {
            faults.unreadable.append("\(name): \(error)")
            return Tensor(adopting: nil)
        }
    }
}

/// One place in the tree of a checkpoint's names: `weights / "attn1"` holds `attn1.to_q.weight`.
public struct WeightScope {
    let reader: WeightReader
    /// The names so far, joined by dots.
    public let path: String

    /// The scope one name deeper.
    public static func / (scope: WeightScope, name: String) -> WeightScope {
        WeightScope(reader: scope.reader, path: scope.full(name))
    }

    /// The scope of one element of a list.
    public static func / (scope: WeightScope, index: Int) -> WeightScope { scope / String(index) }

    /// Reads a weight; a fault is remembered by the reader and shows in `WeightReader.finish`.
    public func tensor(_ name: String, _ shape: [Int], dtype: DType? = nil) -> Tensor {
        reader.read(full(name), shape: shape, dtype: dtype)
    }

    /// Reads a weight that may be absent.
    public func optionalTensor(_ name: String, _ shape: [Int], dtype: DType? = nil) -> Tensor? {
        has(name) ? tensor(name, shape, dtype: dtype) : nil
    }

    /// Whether the checkpoint has a weight.
    public func has(_ name: String) -> Bool { reader.has(full(name)) }

    /// Shape of a weight, nil if absent: for sizes that only the file knows.
    public func shape(of name: String) -> [Int]? { reader.shape(of: full(name)) }

    /// Says that everything below this scope (or below a name in it) is known and not needed.
    public func ignore(_ name: String = "") {
        reader.ignore(below: name.isEmpty ? path : full(name))
    }

    private func full(_ name: String) -> String { path.isEmpty ? name : path + "." + name }
}
