import Foundation

/// Writes a safetensors file tensor by tensor, so that it never lies in memory as a whole.
///
/// The bytes go to a hidden temporary file beside the path; `finish` gives it its name. A writer
/// that is released before that removes the temporary file and leaves an older file as it was.
public final class SafetensorsWriter {
    private let path: String
    private let entries: [SafetensorsEntry]
    private let output: OutputFile
    private var written = 0
    private let headerCount: Int

    /// Writes the header.
    ///
    /// - Parameters:
    ///   - path: where the file goes; its folder must exist.
    ///   - entries: all tensors, in the order in which their bytes will come.
    ///   - metadata: the header's `__metadata__`.
    /// - Throws: `.invalidRequest` if names repeat or a size is no whole number of bytes;
    ///   `.unwritable` or `.diskFull` from the system.
    public init(path: String, entries: [SafetensorsEntry], metadata: [String: String]) throws {
        self.path = path
        self.entries = entries
        let header = try HeaderText(entries: entries, metadata: metadata, file: path)
        headerCount = header.bytes.count
        let count = entries.reduce(0) { $0 + ($1.dtype.byteCount(shape: $1.shape) ?? 0) }
        output = try OutputFile(path: path, size: headerCount + count)
        try header.bytes.withUnsafeBytes(output.write)
    }

    /// Writes the bytes of the next tensor, row-major and little-endian.
    ///
    /// - Throws: `.invalidRequest` if it is not the next entry or not of its size; `.unwritable` or
    ///   `.diskFull` from the system.
    public func write(_ name: String, _ bytes: UnsafeRawBufferPointer) throws {
        try check(name, bytes.count)
        try output.write(bytes)
        written += 1
    }

    /// Writes the next tensor from bytes that are made where they are written from.
    ///
    /// - Parameters:
    ///   - name: the next entry's.
    ///   - count: how many bytes it has.
    ///   - fill: given ranges of the tensor's bytes that follow each other, and room for each; it fills all of it.
    /// - Throws: what `fill` throws, and as with bytes that are there.
    public func write(
        _ name: String,
        count: Int,
        filling fill: (Range<Int>, UnsafeMutableRawBufferPointer) throws -> Void
    ) throws {
        try check(name, count)
        try output.write(count, filling: fill)
        written += 1
    }

    /// Whether this is the next tensor and of its size.
    private func check(_ name: String, _ count: Int) throws {
        let next = written < entries.count ? entries[written] : nil
        guard let next, next.name == name else {
            throw invalid(
                "tensor \(name) came, should be \(next.map { "tensor \($0.name)" } ?? "the end")",
                fix: "write the tensors in the order of the entries"
            )
        }
        let expected = next.dtype.byteCount(shape: next.shape)
        guard count == expected else {
            throw invalid(
                "tensor \(name) has \(count) bytes, should have \(expected ?? 0)",
                fix: "write \(next.dtype.rawValue) \(next.shape)"
            )
        }
    }

    /// Writes the header again with metadata that was not known at the beginning.
    ///
    /// - Parameters:
    ///   - metadata: the new `__metadata__`; it must need no more room than what `init` was given.
    ///   - key: a key in both, whose value is filled up with spaces to the old length.
    /// - Throws: `.invalidRequest` if it needs more room; `.unwritable` or `.diskFull` from the system.
    public func replaceMetadata(_ metadata: [String: String], filling key: String) throws {
        var filled = metadata
        let short = try HeaderText(entries: entries, metadata: metadata, file: path).bytes.count
        filled[key, default: ""] += String(repeating: " ", count: max(0, headerCount - short))
        let header = try HeaderText(entries: entries, metadata: filled, file: path)
        guard header.bytes.count == headerCount else {
            throw invalid(
                "needs a header of \(header.bytes.count) bytes, should be \(headerCount)",
                fix: "begin with a longer value of \(key)"
            )
        }
        header.bytes.withUnsafeBytes(output.overwriteStart)
    }

    /// Brings the file to disk and gives it its name, replacing an older file at once.
    ///
    /// - Throws: `.invalidRequest` if tensors are missing; `.unwritable` or `.diskFull`.
    public func finish() throws {
        guard written == entries.count else {
            throw invalid(
                "\(written) tensors were written, should be \(entries.count)",
                fix: "write tensor \(entries[written].name) and those after it"
            )
        }
        try output.publish()
    }

    private func invalid(_ problem: String, fix: String) -> SafetensorsError {
        SafetensorsError(.invalidRequest, at: path, problem, fix: fix)
    }
}
