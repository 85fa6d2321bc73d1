/// One tensor's object in the header, as written, before its numbers are believed.
struct TensorRecord {
    private let dtype: String?
    private let shape: [Int]?
    private let offsets: [Int]?
    private let place: String

    /// Reads the object; keys that the format does not know are passed over.
    init(_ scanner: inout HeaderScanner, place: String) throws(SafetensorsError) {
        var (dtype, shape, offsets) = (String?.none, [Int]?.none, [Int]?.none)
        var seen: Set<String> = []
        try scanner.object { scanner, key throws(SafetensorsError) in
            guard seen.insert(key).inserted else {
                throw SafetensorsHeader.malformed(place, "has \(key) twice, should have it once")
            }
            switch key {
            case "dtype": dtype = try scanner.string()
            case "shape": shape = try scanner.naturals()
            case "data_offsets": offsets = try scanner.naturals()
            default: try scanner.skipValue()
            }
        }
        (self.dtype, self.shape, self.offsets, self.place) = (dtype, shape, offsets, place)
    }

    /// Checks that type, shape and offsets agree.
    ///
    /// - Parameters:
    ///   - name: the tensor's key.
    ///   - dataStart: where the offsets count from, in bytes of the file.
    /// - Returns: the tensor with its range in the file.
    /// - Throws: `.malformed` if they do not agree.
    func info(name: String, dataStart: Int) throws(SafetensorsError) -> TensorInfo {
        guard let dtype, let shape, let offsets, offsets.count == 2 else {
            throw SafetensorsHeader.malformed(
                place,
                "is incomplete, should have dtype, shape and data_offsets [begin, end]"
            )
        }
        guard let type = SafetensorsDType(rawValue: dtype) else {
            let known = SafetensorsDType.allCases.map(\.rawValue).joined(separator: ", ")
            throw SafetensorsHeader.malformed(
                place,
                "has the dtype \(dtype), should be one of \(known)"
            )
        }
        guard let byteCount = type.byteCount(shape: shape) else {
            throw SafetensorsHeader.malformed(
                place,
                "is \(dtype) \(shape), should be a whole number of bytes below 2^60"
            )
        }
        let range = try byteRange(from: offsets, byteCount: byteCount, dataStart: dataStart)
        return TensorInfo(name: name, dtype: type, shape: shape, byteRange: range)
    }

    private func byteRange(
        from offsets: [Int],
        byteCount: Int,
        dataStart: Int
    ) throws(SafetensorsError) -> Range<Int> {
        let (end, overflow) = offsets[1].addingReportingOverflow(dataStart)
        guard offsets[0] <= offsets[1], offsets[1] - offsets[0] == byteCount, !overflow else {
            throw SafetensorsHeader.malformed(
                place,
                "has the data_offsets \(offsets), should be \(byteCount) bytes apart"
            )
        }
        return offsets[0] + dataStart..<end
    }
}
