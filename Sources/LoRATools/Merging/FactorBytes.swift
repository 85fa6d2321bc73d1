import Safetensors

/// A factor as a file has it.
struct StoredFactor: Sendable {
    /// The layer that it is of.
    let layer: LoRALayer
    /// The factor.
    let part: LoRAPart

    /// Hands out some of its bytes.
    ///
    /// - Throws: `LoRAError` for values that are not finite in them.
    func withFinite(_ range: Range<Int>, _ body: (UnsafeRawBufferPointer) -> Void) throws {
        let isFinite = layer.file.withBytes(of: part.stored.name) { bytes in
            let isFinite = FiniteBits.areFinite(bytes, in: range, part.stored.dtype)
            if isFinite { body(UnsafeRawBufferPointer(rebasing: bytes[range])) }
            return isFinite
        }
        guard isFinite != true else { return }
        _ = try layer.read(part.name)  // says which values are not finite, and what to do
        throw layer.fault("has values that are not finite", fix: "use another checkpoint")
    }
}

/// A tensor of a merge's result, made when it is written: from files' bytes as they are, or computed before.
enum FactorBytes: Sendable {
    /// Bytes that are there.
    case made([UInt8])
    /// Matrices of one width one below the other.
    case stacked([StoredFactor])
    /// Matrices of one height side by side.
    case besides([StoredFactor], rows: Int)

    /// How many bytes it has.
    var count: Int {
        switch self {
        case .made(let bytes): bytes.count
        case .stacked(let factors), .besides(let factors, _):
            factors.reduce(0) { $0 + $1.part.stored.byteCount }
        }
    }

    /// Makes some of the bytes; after the last ones the files' pages are given back.
    ///
    /// - Throws: `LoRAError` for values in files that are not finite.
    func fill(_ range: Range<Int>, _ room: UnsafeMutableRawBufferPointer) throws {
        switch self {
        case .made(let bytes):
            bytes.withUnsafeBytes {
                room.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[range]))
            }
        case .stacked(let factors):
            try Self.stack(factors, range, room)
            giveBack(factors, after: range)
        case .besides(let factors, let rows):
            let width = count / rows
            // Some rows at a time, so that what one file's columns touch is still near for the next one's.
            let step = max(1, Self.near / width) * width
            for start in stride(
                from: range.lowerBound / width * width,
                to: range.upperBound,
                by: step
            ) {
                let part = range.clamped(to: start..<start + step)
                let place = part.lowerBound - range.lowerBound
                let target = UnsafeMutableRawBufferPointer(
                    rebasing: room[place..<place + part.count]
                )
                try Self.place(factors, part, rowCount: rows, width: width, target)
            }
            giveBack(factors, after: range)
        }
    }

    /// Bytes that stay in a core's own cache.
    private static let near = 1 << 18

    private func giveBack(_ factors: [StoredFactor], after range: Range<Int>) {
        guard range.upperBound == count else { return }
        for factor in factors { factor.layer.file.dropFromMemory(factor.part.stored.name) }
    }

    private static func stack(
        _ factors: [StoredFactor],
        _ range: Range<Int>,
        _ room: UnsafeMutableRawBufferPointer
    ) throws {
        var start = 0
        for factor in factors {
            let own = start..<start + factor.part.stored.byteCount
            start = own.upperBound
            let common = range.clamped(to: own)
            for from in stride(from: common.lowerBound, to: common.upperBound, by: near) {
                let part = from..<min(from + near, common.upperBound)
                let place = part.lowerBound - range.lowerBound
                let target = UnsafeMutableRawBufferPointer(
                    rebasing: room[place..<place + part.count]
                )
                let inFactor = part.lowerBound - own.lowerBound..<part.upperBound - own.lowerBound
                try factor.withFinite(inFactor) { target.copyMemory(from: $0) }
            }
        }
    }

    /// The bytes of some rows, of which the first and the last may be cut.
    private static func place(
        _ factors: [StoredFactor],
        _ range: Range<Int>,
        rowCount: Int,
        width: Int,
        _ room: UnsafeMutableRawBufferPointer
    ) throws {
        let rows = range.lowerBound / width..<(range.upperBound + width - 1) / width
        var column = 0
        for factor in factors {
            let own = factor.part.stored.byteCount / rowCount
            try factor.withFinite(rows.lowerBound * own..<rows.upperBound * own) { bytes in
                let columns = Columns(bytes: bytes, width: own, at: column)
                columns.copy(of: rows, each: width, range, room)
            }
            column += own
        }
    }
}

/// One factor's columns of some rows.
private struct Columns {
    let bytes: UnsafeRawBufferPointer
    let width: Int
    let place: Int

    init(bytes: UnsafeRawBufferPointer, width: Int, at place: Int) {
        (self.bytes, self.width, self.place) = (bytes, width, place)
    }

    /// Copies what lies in `range` of the whole matrix, whose rows have `total` bytes.
    func copy(
        of rows: Range<Int>,
        each total: Int,
        _ range: Range<Int>,
        _ room: UnsafeMutableRawBufferPointer
    ) {
        guard let source = bytes.baseAddress, let target = room.baseAddress else { return }
        for (index, row) in rows.enumerated() {
            let start = row * total + place
            let common = range.clamped(to: start..<start + width)
            // Safe because `common` lies in `range`, for which there is room, and in this row of the factor.
            (target + (common.lowerBound - range.lowerBound)).copyMemory(
                from: source + (index * width + common.lowerBound - start),
                byteCount: common.count
            )
        }
    }
}
