/// The checked header of a file: every range lies in the file and fits its tensor.
struct SafetensorsHeader {
    /// Largest header that the format allows, in bytes.
    static let largest = 100_000_000
    /// Bytes of the number before the header.
    static let lengthBytes = 8

    let metadata: [String: String]
    let tensors: [TensorInfo]  // by offset

    /// Reads and checks the header.
    ///
    /// - Parameters:
    ///   - bytes: the whole file, mapped; only the header's bytes are touched.
    ///   - file: its path, for messages.
    /// - Throws: `.malformed` at the first rule that the file breaks.
    init(_ bytes: UnsafeRawBufferPointer, file: String) throws(SafetensorsError) {
        let json = try Self.json(of: bytes, file: file)
        let dataStart = Self.lengthBytes + json.count
        var scanner = HeaderScanner(json, file: file)
        var metadata: [String: String]?
        var tensors: [String: TensorInfo] = [:]
        try scanner.object { scanner, key throws(SafetensorsError) in
            let isTwice = key == "__metadata__" ? metadata != nil : tensors[key] != nil
            guard !isTwice else { throw Self.duplicate(key, file: file) }
            if key == "__metadata__" {
                metadata = try Self.metadata(&scanner, file: file)
            } else {
                let record = try TensorRecord(&scanner, place: "\(file), tensor \(key)")
                tensors[key] = try record.info(name: key, dataStart: dataStart)
            }
        }
        try scanner.end()
        self.metadata = metadata ?? [:]
        self.tensors = tensors.values.sorted { left, right in
            (left.byteRange.lowerBound, left.byteRange.upperBound, left.name)
                < (right.byteRange.lowerBound, right.byteRange.upperBound, right.name)
        }
        try checkCoverage(from: dataStart, to: bytes.count, file: file)
    }

    /// Finds the header's text behind its length.
    private static func json(
        of bytes: UnsafeRawBufferPointer,
        file: String
    ) throws(SafetensorsError) -> UnsafeRawBufferPointer {
        guard bytes.count >= lengthBytes else {
            throw malformed(file, "is \(bytes.count) bytes long, should be at least 8")
        }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        let left = bytes.count - lengthBytes
        guard length <= largest, length <= left else {
            throw ForeignFile.error(bytes, file: file)
                ?? malformed(
                    file,
                    "announces a header of \(length) bytes, should be at most \(min(largest, left))"
                )
        }
        let json = UnsafeRawBufferPointer(rebasing: bytes[lengthBytes..<lengthBytes + Int(length)])
        guard json.first == UInt8(ascii: "{") else {
            throw malformed(file, "has a header that is not JSON, should begin with '{'")
        }
        guard String(validating: json, as: UTF8.self) != nil else {
            throw malformed(file, "has a header that is not text, should be UTF-8")
        }
        return json
    }

    private static func metadata(
        _ scanner: inout HeaderScanner,
        file: String
    ) throws(SafetensorsError) -> [String: String] {
        if scanner.skipsNull() { return [:] }
        var metadata: [String: String] = [:]
        try scanner.object { scanner, key throws(SafetensorsError) in
            guard metadata[key] == nil else {
                throw duplicate("__metadata__.\(key)", file: file)
            }
            metadata[key] = try scanner.string()
        }
        return metadata
    }

    /// Tensors must follow each other from the end of the header to the end of the file.
    private func checkCoverage(
        from start: Int,
        to fileSize: Int,
        file: String
    ) throws(SafetensorsError) {
        var end = start
        for tensor in tensors {
            guard tensor.byteRange.lowerBound == end else {
                let fault = tensor.byteRange.lowerBound < end ? "overlaps" : "leaves a gap after"
                throw Self.malformed(
                    "\(file), tensor \(tensor.name)",
                    "\(fault) the tensor before it, should begin at byte \(end - start) of the data"
                )
            }
            end = tensor.byteRange.upperBound
        }
        guard end == fileSize else {
            let state = end > fileSize ? "is cut off" : "has bytes that belong to no tensor"
            throw Self.malformed(file, "\(state): is \(fileSize) bytes long, should be \(end)")
        }
    }

    private static func duplicate(_ key: String, file: String) -> SafetensorsError {
        malformed("\(file), key \(key)", "is there twice, should be there once")
    }

    static func malformed(_ place: String, _ problem: String) -> SafetensorsError {
        SafetensorsError(.malformed, at: place, problem, fix: "download or write the file again")
    }
}
