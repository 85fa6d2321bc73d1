/// Reads the few shapes of JSON that a header is made of, strictly and without a tree.
///
/// Foundation's parser keeps the last of two equal keys in silence; here the caller sees every key,
/// so that a header which names a tensor twice can be refused.
struct HeaderScanner {
    private let bytes: UnsafeRawBufferPointer
    private let file: String
    private var index = 0
    /// Unknown values nest at most this deep, so that a hostile header cannot exhaust the stack.
    private static let deepest = 64

    /// - Parameters:
    ///   - bytes: valid UTF-8, alive as long as the scanner.
    ///   - file: its path, for messages.
    init(_ bytes: UnsafeRawBufferPointer, file: String) {
        self.bytes = bytes
        self.file = file
    }

    /// Reads an object; `member` gets each key and must read its value.
    mutating func object(
        _ member: (inout HeaderScanner, String) throws(SafetensorsError) -> Void
    ) throws(SafetensorsError) {
        try list(from: "{", to: "}") { scanner throws(SafetensorsError) in
            let key = try scanner.string()
            try scanner.expect(":")
            try member(&scanner, key)
        }
    }

    /// Reads an array of whole numbers from 0 up.
    mutating func naturals() throws(SafetensorsError) -> [Int] {
        var values: [Int] = []
        try list(from: "[", to: "]") { scanner throws(SafetensorsError) in
            values.append(try scanner.natural())
        }
        return values
    }

    /// Reads a whole number from 0 up, without sign, fraction or exponent.
    mutating func natural() throws(SafetensorsError) -> Int {
        skipSpace()
        let start = index
        var value = 0
        while let byte = current, UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte {
            let (tens, high) = value.multipliedReportingOverflow(by: 10)
            let (sum, low) = tens.addingReportingOverflow(Int(byte - UInt8(ascii: "0")))
            guard !high, !low else { throw fault("a number below 2^63") }
            value = sum
            index += 1
        }
        let hasLeadingZero = index - start > 1 && bytes[start] == UInt8(ascii: "0")
        guard index > start, !hasLeadingZero else { throw fault("a whole number from 0 up") }
        return value
    }

    /// Reads a string and resolves its escapes.
    mutating func string() throws(SafetensorsError) -> String {
        try expect("\"")
        let start = index
        while let byte = current, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
            guard byte >= 0x20 else { throw fault("an escaped control character") }
            index += 1
        }
        let plain = String(decoding: bytes[start..<index], as: UTF8.self)
        guard current == UInt8(ascii: "\\") else {
            try expect("\"", skippingSpace: false)
            return plain
        }
        return try plain + escapedRest()
    }

    /// Passes over a value that no reader knows.
    mutating func skipValue(depth: Int = 0) throws(SafetensorsError) {
        guard depth < Self.deepest else { throw fault("at most \(Self.deepest) nested values") }
        skipSpace()
        switch current {
        case UInt8(ascii: "{"):
            try object { scanner, _ throws(SafetensorsError) in
                try scanner.skipValue(depth: depth + 1)
            }
        case UInt8(ascii: "["):
            try list(from: "[", to: "]") { scanner throws(SafetensorsError) in
                try scanner.skipValue(depth: depth + 1)
            }
        case UInt8(ascii: "\""): _ = try string()
        default: try skipWord()
        }
    }

    /// Whether the next value is `null`, which is then passed over.
    mutating func skipsNull() -> Bool {
        skipSpace()
        guard bytes[index...].starts(with: "null".utf8) else { return false }
        index += 4
        return true
    }

    /// Makes sure that nothing but the padding follows.
    mutating func end() throws(SafetensorsError) {
        skipSpace()
        guard index == bytes.count else { throw fault("the end of the header") }
    }
}

extension HeaderScanner {
    private var current: UInt8? { index < bytes.count ? bytes[index] : nil }

    private mutating func skipSpace() {
        while let byte = current, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 {
            index += 1
        }
    }

    private mutating func expect(
        _ character: Unicode.Scalar,
        skippingSpace: Bool = true
    ) throws(SafetensorsError) {
        if skippingSpace { skipSpace() }
        guard current == UInt8(ascii: character) else { throw fault("'\(character)'") }
        index += 1
    }

    private mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard current == UInt8(ascii: character) else { return false }
        index += 1
        return true
    }

    private mutating func list(
        from open: Unicode.Scalar,
        to close: Unicode.Scalar,
        _ element: (inout HeaderScanner) throws(SafetensorsError) -> Void
    ) throws(SafetensorsError) {
        try expect(open)
        if take(close) { return }
        repeat { try element(&self) } while take(",")
        try expect(close)
    }

    private mutating func escapedRest() throws(SafetensorsError) -> String {
        var units: [UInt8] = []
        while let byte = current, byte != UInt8(ascii: "\"") {
            guard byte >= 0x20 else { throw fault("an escaped control character") }
            index += 1
            if byte == UInt8(ascii: "\\") {
                units.append(contentsOf: String(try escape()).utf8)
            } else {
                units.append(byte)
            }
        }
        try expect("\"", skippingSpace: false)
        return String(decoding: units, as: UTF8.self)
    }

    private mutating func escape() throws(SafetensorsError) -> Unicode.Scalar {
        guard let byte = current else { throw fault("an escape") }
        index += 1
        switch Unicode.Scalar(byte) {
        case "\"", "\\", "/": return Unicode.Scalar(byte)
        case "b": return "\u{8}"
        case "f": return "\u{C}"
        case "n": return "\n"
        case "r": return "\r"
        case "t": return "\t"
        case "u": return try unicodeEscape()
        default: throw fault("one of the escapes of JSON")
        }
    }

    private mutating func unicodeEscape() throws(SafetensorsError) -> Unicode.Scalar {
        let first = try hexUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        try expect("\\", skippingSpace: false)
        try expect("u", skippingSpace: false)
        let second = try hexUnit()
        guard first < 0xDC00, 0xDC00...0xDFFF ~= second,
            let scalar = Unicode.Scalar(0x10000 + (first - 0xD800) << 10 + (second - 0xDC00))
        else { throw fault("a pair of surrogates") }
        return scalar
    }

    private mutating func hexUnit() throws(SafetensorsError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let byte = current, let digit = Character(Unicode.Scalar(byte)).hexDigitValue
            else { throw fault("four hexadecimal digits") }
            value = value << 4 | UInt32(digit)
            index += 1
        }
        return value
    }

    private mutating func skipWord() throws(SafetensorsError) {
        let start = index
        while let byte = current, !" \n\r\t,:]}[{\"".utf8.contains(byte) { index += 1 }
        let word = String(decoding: bytes[start..<index], as: UTF8.self)
        let isWord = ["true", "false", "null"].contains(word)
        guard isWord || word.wholeMatch(of: /-?(0|[1-9]\d*)(\.\d+)?([eE][+-]?\d+)?/) != nil else {
            index = start
            throw fault("a value")
        }
    }

    private func fault(_ expected: String) -> SafetensorsError {
        let found = current.map { byte in
            (0x21..<0x7F).contains(byte) ? "'\(Unicode.Scalar(byte))'" : "byte \(byte)"
        }
        return SafetensorsError(
            .malformed,
            at: "\(file), header byte \(index)",
            "is \(found ?? "the end"), should be \(expected)",
            fix: "download or write the file again"
        )
    }
}
