/// The first bytes of a file: the header's length and the header, padded to 8 bytes.
struct HeaderText {
    let bytes: [UInt8]

    init(
        entries: [SafetensorsEntry],
        metadata: [String: String],
        file: String
    ) throws(SafetensorsError) {
        var members = metadata.isEmpty ? [] : ["\"__metadata__\":\(Self.object(metadata))"]
        var names: Set = ["__metadata__"]
        var offset = 0
        for entry in entries {
            guard names.insert(entry.name).inserted else {
                throw Self.invalid(file, entry, "has a name that is taken, should have its own")
            }
            let count = entry.dtype.byteCount(shape: entry.shape)
            guard let count, offset <= Int.max / 2 - count else {
                throw Self.invalid(file, entry, "should be a whole number of bytes below 2^60")
            }
            members.append(Self.member(entry, from: offset, to: offset + count))
            offset += count
        }
        var json = Array("{\(members.joined(separator: ","))}".utf8)
        // Data that begins at a multiple of 8 can be used where it is mapped.
        json += Array(repeating: UInt8(ascii: " "), count: (8 - json.count % 8) % 8)
        guard json.count <= SafetensorsHeader.largest else {
            throw SafetensorsError(
                .invalidRequest,
                at: file,
                "needs a header of \(json.count) bytes, should be at most 100000000",
                fix: "write fewer tensors or less metadata"
            )
        }
        bytes = withUnsafeBytes(of: UInt64(json.count).littleEndian, Array.init) + json
    }

    private static func member(_ entry: SafetensorsEntry, from start: Int, to end: Int) -> String {
        let shape = entry.shape.map(String.init).joined(separator: ",")
        return """
            \(quoted(entry.name)):{"dtype":"\(entry.dtype.rawValue)","shape":[\(shape)],\
            "data_offsets":[\(start),\(end)]}
            """
    }

    /// Sorted, so that equal metadata gives equal files.
    private static func object(_ metadata: [String: String]) -> String {
        let members = metadata.sorted { $0.key < $1.key }
            .map { "\(quoted($0.key)):\(quoted($0.value))" }
        return "{\(members.joined(separator: ","))}"
    }

    private static func quoted(_ text: String) -> String {
        var result = "\""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\"", "\\": result += "\\\(scalar)"
            case "\u{0}"..<"\u{20}":
                let digits = String(scalar.value, radix: 16)
                result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result + "\""
    }

    private static func invalid(
        _ file: String,
        _ entry: SafetensorsEntry,
        _ problem: String
    ) -> SafetensorsError {
        SafetensorsError(
            .invalidRequest,
            at: "\(file), tensor \(entry.name)",
            "is \(entry.dtype.rawValue) \(entry.shape), \(problem)",
            fix: "change the entry"
        )
    }
}
