import Safetensors

/// Tensors that go to a file together, in order.
public struct TensorFile {
    /// Names and tensors.
    public var tensors: [(name: String, tensor: Tensor)]
    /// The file's `__metadata__`.
    public var metadata: [String: String]

    /// A file's content.
    public init(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    /// Writes the file whole or not at all.
    public func write(to path: String) throws {
        let entries = tensors.map {
            SafetensorsEntry(name: $0.name, dtype: $0.tensor.dtype.stored, shape: $0.tensor.shape)
        }
        let writer = try SafetensorsWriter(path: path, entries: entries, metadata: metadata)
        for (name, tensor) in tensors {
            let bytes = try withTorchErrors { tensor.bytes() }
            try bytes.withUnsafeBytes { try writer.write(name, $0) }
        }
        try writer.finish()
    }
}
