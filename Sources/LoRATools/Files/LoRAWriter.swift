public import Safetensors
public import Torch

/// A tensor that a `LoRAWriter` is going to write.
public struct LoRAEntry: Sendable, Equatable {
    /// The whole name in the file.
    public let name: String
    /// Type in the file.
    public let dtype: DType
    /// Shape in the file.
    public let shape: [Int]

    /// A tensor of a given name.
    public init(name: String, dtype: DType, shape: [Int]) {
        self.name = name
        self.dtype = dtype
        self.shape = shape
    }

    /// A part of a layer's adapter, named as a dialect does.
    public init(
        _ path: String,
        _ part: String,
        _ dialect: KeyDialect,
        _ dtype: DType,
        _ shape: [Int]
    ) {
        self.init(name: dialect.key(path, part), dtype: dtype, shape: shape)
    }
}

/// Writes an adapter file tensor after tensor, whole or not at all.
///
/// All shapes are told first. The bytes go to a hidden file beside the path that gets its name in
/// `finish`; a writer that is let go before, by an error or by cancelling, leaves nothing.
public final class LoRAWriter {
    private let writer: SafetensorsWriter
    private let path: String
    private let entries: [LoRAEntry]
    private var next = 0
    private let progress: (Int, Int) -> Void
    private var written = 0
    private let total: Int

    /// Writes the header.
    ///
    /// - Parameters:
    ///   - path: where the file goes; an older one is replaced in `finish`.
    ///   - entries: all tensors in the order in which they will come.
    ///   - metadata: the header's `__metadata__`.
    ///   - progress: told bytes written and bytes in all, after each tensor.
    /// - Throws: `SafetensorsError` from the system, or for names that repeat.
    public init(
        path: String,
        entries: [LoRAEntry],
        metadata: [String: String],
        progress: @escaping (Int, Int) -> Void = { _, _ in }
    ) throws {
        self.path = path
        self.entries = entries
        self.progress = progress
        total = entries.reduce(0) { $0 + $1.shape.reduce($1.dtype.byteWidth, *) }
        writer = try SafetensorsWriter(
            path: path,
            entries: entries.map {
                SafetensorsEntry(name: $0.name, dtype: $0.dtype.stored, shape: $0.shape)
            },
            metadata: metadata
        )
    }

    /// Writes the next tensor, in the type of its entry.
    ///
    /// - Throws: `LoRAError` for values that are not finite, or that become so in that type;
    ///   `CancellationError` once the task is cancelled.
    public func write(_ tensor: Tensor) throws {
        guard next < entries.count else { throw tooMany() }
        let entry = entries[next]
        let bytes = try withTorchErrors {
            let stored = tensor.to(entry.dtype, on: .cpu)
            guard stored.isFinite else { throw notFinite(entry) }
            return stored.contiguous().bytes()
        }
        try bytes.withUnsafeBytes(put)
    }

    /// Writes the next tensor with the bytes that another file has for it.
    ///
    /// - Throws: `CancellationError` once the task is cancelled.
    public func copy(_ stored: TensorInfo, from file: SafetensorsFile) throws {
        try file.withBytes(of: stored.name, put)
        file.dropFromMemory(stored.name)
    }

    /// Brings the file to disk and gives it its name.
    public func finish() throws {
        try Task.checkCancellation()
        try writer.finish()
    }

    private func put(_ bytes: UnsafeRawBufferPointer) throws {
        try Task.checkCancellation()
        guard next < entries.count else { throw tooMany() }
        try writer.write(entries[next].name, bytes)
        next += 1
        written += bytes.count
        progress(written, total)
    }

    private func tooMany() -> LoRAError {
        LoRAError(
            at: path,
            "more than the \(entries.count) announced tensors came",
            fix: "announce every tensor"
        )
    }

    private func notFinite(_ entry: LoRAEntry) -> LoRAError {
        LoRAError(
            at: "\(path), \(entry.name)",
            "has values that are not finite as \(entry.dtype.stored.rawValue), should have none",
            fix: "write it as float32, or lower the strength"
        )
    }
}
