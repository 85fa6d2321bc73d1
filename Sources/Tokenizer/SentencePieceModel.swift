/// What a serialised SentencePiece model says about itself.
///
/// libsentencepiece tells neither which pieces are matched literally nor how text is prepared,
/// so these facts are read from the message.
///
/// - Source: field numbers of `sentencepiece_model.proto` (google/sentencepiece).
struct SentencePieceModel {
    struct Piece {
        var text: [UInt8] = []
        var type: UInt64 = 1
    }

    private enum PieceType {
        static let control: UInt64 = 3
        static let userDefined: UInt64 = 4
        static let unknown: UInt64 = 2
    }

    private(set) var pieces: [Piece] = []
    private(set) var isPairEncoding = false
    private(set) var hasByteFallback = false
    // Both are on unless a model says otherwise.
    private(set) var addsDummyPrefix = true
    private(set) var removesExtraBlanks = true
    private(set) var isComplete = false

    init(_ bytes: [UInt8]) throws(ProtobufReader.Malformed) {
        var reader = ProtobufReader(bytes[...])
        var parts: Set<Int> = []
        while let (field, value) = try reader.next() {
            guard case .bytes(let content) = value else { continue }
            parts.insert(field)
            switch field {
            case 1: pieces.append(try Self.piece(content))
            case 2: try readTrainer(content)
            case 3: try readNormalizer(content)
            default: break
            }
        }
        // The parts lie in this order, so a file that was cut between two of them lacks the later.
        isComplete = parts.isSuperset(of: [1, 2, 3])
    }

    /// Ids and texts of control and user-defined pieces, and of the unknown piece.
    var literals: [(id: Int32, text: [UInt8])] {
        let types = [PieceType.control, PieceType.userDefined, PieceType.unknown]
        return pieces.indices.filter { types.contains(pieces[$0].type) }
            .map { (Int32($0), pieces[$0].text) }
    }

    private static func piece(
        _ content: ArraySlice<UInt8>
    ) throws(ProtobufReader.Malformed) -> Piece {
        var reader = ProtobufReader(content)
        var piece = Piece()
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (1, .bytes(let text)): piece.text = Array(text)
            case (3, .number(let type)): piece.type = type
            default: break
            }
        }
        return piece
    }

    private mutating func readTrainer(
        _ content: ArraySlice<UInt8>
    ) throws(ProtobufReader.Malformed) {
        var reader = ProtobufReader(content)
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (3, .number(let type)): isPairEncoding = type == 2
            case (35, .number(let flag)): hasByteFallback = flag != 0
            default: break
            }
        }
    }

    private mutating func readNormalizer(
        _ content: ArraySlice<UInt8>
    ) throws(ProtobufReader.Malformed) {
        var reader = ProtobufReader(content)
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (3, .number(let flag)): addsDummyPrefix = flag != 0
            case (4, .number(let flag)): removesExtraBlanks = flag != 0
            default: break
            }
        }
    }
}
