/// Hands weights to a model under construction and remembers everything that does not fit.
///
/// A model asks for all it needs and goes on after a fault; `finish` then throws the whole list.
public final class WeightReader {
    private let source: any WeightSource
    private let sourceName: String
    private let dtype: DType?
    private let device: Device
    private let keepsTensors: Bool
    private let formatOf: (String) -> WeightFormat?
    private var asked: Set<String> = []
    /// What the model was given, by name, if the reader was told to keep it: for derivatives of weights.
    public private(set) var tensors: [String: Tensor] = [:]
    private var faults: CheckpointError
    private var bytesSinceRelease = 0

    /// Converts every weight to `dtype` (nil: as stored) on `device` while reading.
    ///
    /// `formatOf` gives the format of a linear layer's matrix, by the layer's path; nil keeps it in `dtype`.
    public init(
        _ source: any WeightSource,
        named sourceName: String,
        dtype: DType?,
        device: Device = .cpu,
        keepsTensors: Bool = false,
        formatOf: @escaping (String) -> WeightFormat? = { _ in nil }
    ) {
        self.source = source
        self.sourceName = sourceName
        self.dtype = dtype
        self.device = device
        self.keepsTensors = keepsTensors
        self.formatOf = formatOf
        faults = CheckpointError(source: sourceName)
    }

    /// The top of the checkpoint.
    public var root: WeightScope { WeightScope(reader: self, path: "") }

    /// Throws what was missing, misshapen or unreadable, and what is left over below `prefixes`.
    public func finish(unexpectedBelow prefixes: [String] = [""]) throws {
        faults.unexpected = source.names.filter { name in
            !asked.contains(name) && name != StoredEntry.marker
                && prefixes.contains { name.hasPrefix($0) }
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
        let tensor: Tensor
        switch load(name, shape: shape) {
        case .codes(let codes): tensor = codes.dense(wanted ?? dtype ?? .float32)
        case .numbers(let numbers):
            let target = wanted ?? (numbers.dtype.isFloatingPoint ? dtype : nil)
            tensor = numbers.copied(target, on: device)
        case nil: return Tensor(adopting: nil)
        }
        if keepsTensors { tensors[name] = tensor }
        return tensor
    }

    /// Reads a linear layer's matrix straight into its final form; what is stored in codes stays so,
    /// unless fewer bits are asked for.
    func readMatrix(_ name: String, of layer: String, shape: [Int]) -> any LinearWeight {
        let format = formatOf(layer)
        guard let stored = load(name, shape: shape) else {
            return DenseWeight(Tensor(adopting: nil))
        }
        switch (stored, format) {
        case (.codes(let codes), let format?) where format.bits < codes.packed.bits:
            return format.quantized(codes.dense(.float32))
        case (.codes(let codes), _) where !keepsTensors: return codes
        case (.codes(let codes), _):
            let tensor = codes.dense(dtype ?? .float32)
            tensors[name] = tensor
            return DenseWeight(tensor)
        case (.numbers(let numbers), let format?) where numbers.dtype.isFloatingPoint:
            return format.quantized(numbers.to(on: device))
        case (.numbers(let numbers), _):
            let tensor = numbers.copied(
                numbers.dtype.isFloatingPoint ? dtype : nil,
                on: device
            )
            if keepsTensors { tensors[name] = tensor }
            return DenseWeight(tensor)
        }
    }

    /// Loads a tensor as it is stored; nil after a fault, which is remembered.
    private func load(_ name: String, shape: [Int]) -> StoredTensor? {
        asked.insert(name)
        let entry = StoredEntry(name: name, source: source)
        asked.formUnion(entry.companions)
        do throws(UnreadableCodes) {
            try entry.checkFormat()
        } catch {
            faults.unreadable.append(error.description)
            return nil
        }
        guard let found = source.shape(of: name, expecting: shape) else {
            faults.missing.append(name)
            return nil
        }
        guard found == shape else {
            faults.misshapen.append("\(name): is \(found), should be \(shape)")
            return nil
        }
        do {
            releaseNowAndThen(shape)
            return try entry.load(shape, device: device)
        } catch let error as UnreadableCodes {
            faults.unreadable.append(error.description)
        } catch {
            faults.unreadable.append("\(name): \(error)")
        }
        return nil
    }

    /// What a tensor leaves behind on its way to its final form is given back to the system: allocators
    /// keep it between the final tensors, where much of it never fits again.
    private func releaseNowAndThen(_ shape: [Int]) {
        bytesSinceRelease += shape.reduce(2, *)
        guard bytesSinceRelease > 1 << 27 else { return }
        bytesSinceRelease = 0
        Device.cpu.releaseCachedMemory()
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

    /// Reads the matrix of the linear layer at this scope, in the form that the reader was told.
    public func matrix(_ name: String, _ shape: [Int]) -> any LinearWeight {
        reader.readMatrix(full(name), of: path, shape: shape)
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
