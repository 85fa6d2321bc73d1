/// A safetensors file, mapped: opening reads the header only, tensors are read when touched.
public final class SafetensorsFile: Sendable {
    /// The path as given.
    public let path: String
    /// The header's `__metadata__`; empty if it has none.
    public let metadata: [String: String]
    /// Names of all tensors in the order of their bytes.
    public let names: [String]
    private let mapping: MappedFile
    private let infos: [String: TensorInfo]

    /// Opens a file and checks its header; a file of any size opens in milliseconds.
    ///
    /// - Throws: `.unreadable` if the system refuses; `.malformed` if the header is damaged, lies, or
    ///   does not cover the file exactly, which a truncated download never does.
    public init(path: String) throws(SafetensorsError) {
        self.path = path
        mapping = try MappedFile(path: path)
        let header = try SafetensorsHeader(mapping.bytes, file: path)
        metadata = header.metadata
        names = header.tensors.map(\.name)
        infos = Dictionary(uniqueKeysWithValues: header.tensors.map { ($0.name, $0) })
    }

    /// Size of the whole file in bytes.
    public var fileSize: Int { mapping.bytes.count }

    /// What the header says about a tensor; `nil` if there is none of that name.
    public func info(_ name: String) -> TensorInfo? { infos[name] }

    /// Hands out a tensor's bytes, little-endian and perhaps unaligned, for the time of `body`.
    ///
    /// - Returns: what `body` returns; `nil` if there is no tensor of that name.
    public func withBytes<R, E: Error>(
        of name: String,
        _ body: (UnsafeRawBufferPointer) throws(E) -> R
    ) throws(E) -> R? {
        guard let info = infos[name] else { return nil }
        // Safe because the header keeps every range inside the mapping, which outlives the call.
        return try withExtendedLifetime(mapping) { () throws(E) -> R in
            try body(UnsafeRawBufferPointer(rebasing: mapping.bytes[info.byteRange]))
        }
    }

    /// Hands out some of the file's own bytes, header included; afterwards their memory is let go.
    ///
    /// - Parameters:
    ///   - range: bytes of the file; what lies behind its end is left out.
    ///   - body: what is done with them.
    /// - Returns: what `body` returns.
    public func withFileBytes<R>(in range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> R) -> R {
        let inside = range.clamped(to: mapping.bytes.indices)
        defer { mapping.drop(inside) }
        return withExtendedLifetime(mapping) {
            body(UnsafeRawBufferPointer(rebasing: mapping.bytes[inside]))
        }
    }

    /// Copies a tensor as floats: for tests and small tensors.
    ///
    /// - Throws: `.missingTensor`; `.unsupportedType` for packed, 8-bit and complex floats.
    public func floats(_ name: String) throws -> [Float] {
        guard let info = infos[name] else {
            throw SafetensorsError(
                .missingTensor,
                at: path,
                "has no tensor \(name), should have it",
                fix: "check that the file is of the right model and version"
            )
        }
        let values = withBytes(of: name) { info.dtype.floats($0) } ?? nil
        guard let values else {
            throw SafetensorsError(
                .unsupportedType,
                at: "\(path), tensor \(name)",
                "is \(info.dtype.rawValue), should be an integer or a float of 16 bits or more",
                fix: "convert the file to BF16"
            )
        }
        return values
    }

    /// Lets go of a tensor's memory after use, so that reading a big file does not fill it.
    public func dropFromMemory(_ name: String) {
        guard let info = infos[name] else { return }
        mapping.drop(info.byteRange)
    }
}
