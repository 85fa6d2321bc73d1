/// What the header `Range` asks for.
enum ByteRange: Equatable {
    /// Everything: there is no such header, or none that can be read.
    case all
    /// These bytes.
    case part(ClosedRange<Int64>)
    /// Bytes that the file does not have.
    case outside

    /// - Parameters:
    ///   - header: such as `bytes=0-99`, `bytes=100-`, `bytes=-100`; of several ranges the first that the file has counts.
    ///   - size: bytes of the file.
    init(_ header: String?, size: Int64) {
        guard let header, header.lowercased().hasPrefix("bytes=") else {
            self = .all
            return
        }
        let parts = header.dropFirst(6).split(separator: ",").map { $0.filter { $0 != " " } }
        let ranges = parts.map { Self.range($0, size: size) }
        guard !ranges.isEmpty, !ranges.contains(.all) else {
            self = .all
            return
        }
        self = ranges.first { $0 != .outside } ?? .outside
    }

    private static func range(_ text: String, size: Int64) -> ByteRange {
        guard let match = text.wholeMatch(of: #/(\d*)-(\d*)/#) else { return .all }
        let first = Int64(match.1)
        let last = match.2.isEmpty ? size - 1 : Int64(match.2) ?? size - 1
        if !match.1.isEmpty {
            guard let first, first < size else { return .outside }
            return first <= last ? .part(first...min(last, size - 1)) : .all
        }
        guard !match.2.isEmpty else { return .all }
        let count = min(Int64(match.2) ?? size, size)
        return count > 0 ? .part(size - count...size - 1) : .outside
    }
}
