/// Finds the EXIF orientation in the bytes of a JPEG, PNG or WebP file.
///
/// FFmpeg's decoders report it for some formats and in some versions only, so it is read here.
/// - Source: TIFF 6.0 (tag 274), PNG 1.5 extensions (`eXIf`), WebP container (`EXIF`).
struct ExifOrientation {
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// How to lay the stored picture; "as stored" if the file does not say or is damaged there.
    func read(_ format: StillFormat) -> Orientation {
        let block =
            switch format {
            case .jpeg: jpegBlock()
            case .png: pngBlock()
            case .webp: webpBlock()
            }
        guard let block, let value = orientation(in: block) else { return Orientation() }
        return Orientation(exif: value)
    }

    // The three containers: each gives the range of the TIFF block.

    private func jpegBlock() -> Range<Int>? {
        var at = 2
        while let marker = number(at, 2, littleEndian: false), marker >= 0xFF01, marker != 0xFFDA {
            guard let length = number(at + 2, 2, littleEndian: false), length >= 2 else {
                return nil
            }
            if marker == 0xFFE1, text(at + 4, 6) == "Exif\0\0" {
                return block(at + 10, length: length - 8)
            }
            at += 2 + length
        }
        return nil
    }

    private func pngBlock() -> Range<Int>? {
        var at = 8
        while let length = number(at, 4, littleEndian: false), let name = text(at + 4, 4) {
            if name == "eXIf" { return block(at + 8, length: length) }
            at += 12 + length
        }
        return nil
    }

    private func webpBlock() -> Range<Int>? {
        var at = 12
        while let name = text(at, 4), let length = number(at + 4, 4, littleEndian: true) {
            if name == "EXIF" {
                let prefix = text(at + 8, 6) == "Exif\0\0" ? 6 : 0
                return block(at + 8 + prefix, length: length - prefix)
            }
            at += 8 + length + length % 2
        }
        return nil
    }

    // The TIFF block: byte order, then a directory of entries of 12 bytes.

    private func orientation(in block: Range<Int>) -> Int? {
        guard let order = text(block.lowerBound, 2), order == "II" || order == "MM" else {
            return nil
        }
        let little = order == "II"
        guard let offset = number(block.lowerBound + 4, 4, littleEndian: little),
            let count = number(block.lowerBound + offset, 2, littleEndian: little)
        else { return nil }
        for index in 0..<count {
            let entry = block.lowerBound + offset + 2 + 12 * index
            guard entry + 12 <= block.upperBound else { return nil }
            if number(entry, 2, littleEndian: little) == 0x0112 {
                return number(entry + 8, 2, littleEndian: little)
            }
        }
        return nil
    }

    private func block(_ start: Int, length: Int) -> Range<Int>? {
        guard length > 0, start + length <= bytes.count else { return nil }
        return start..<start + length
    }

    private func number(_ at: Int, _ count: Int, littleEndian: Bool) -> Int? {
        guard at >= 0, at + count <= bytes.count else { return nil }
        let digits = bytes[at..<at + count]
        return littleEndian
            ? digits.reversed().reduce(0) { $0 << 8 | Int($1) }
            : digits.reduce(0) { $0 << 8 | Int($1) }
    }

    private func text(_ at: Int, _ count: Int) -> String? {
        guard at >= 0, at + count <= bytes.count else { return nil }
        return String(decoding: bytes[at..<at + count], as: UTF8.self)
    }
}
