import Foundation

/// Something that a page is told as it happens.
public struct ServerEvent: Sendable, Equatable {
    /// What kind of thing; pages listen by it.
    public let name: String
    /// JSON, on one line.
    public let data: String
    /// Where a page that lost its connection goes on; nil if it cannot.
    public let id: String?
    /// Of several events with one key that wait for a slow page, only the newest is sent; nil for those that all count.
    public let key: String?

    /// An event with its data as JSON.
    public init(
        _ name: String,
        _ value: some Encodable,
        id: String? = nil,
        key: String? = nil
    ) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        self.init(
            name,
            json: String(decoding: try encoder.encode(value), as: UTF8.self),
            id: id,
            key: key
        )
    }

    /// An event whose data is JSON already.
    init(_ name: String, json: String, id: String? = nil, key: String? = nil) {
        self.name = name
        data = json
        self.id = id
        self.key = key
    }

    /// As it goes over the wire; line breaks in the parts cannot begin another event.
    var text: String {
        var text = ""
        if let id { text += "id: \(id.filter { !$0.isNewline && $0 != "\0" })\n" }
        text += "event: \(name.filter { !$0.isNewline })\n"
        let lines = data.split(omittingEmptySubsequences: false) { $0.isNewline }
        for line in lines { text += "data: \(line)\n" }
        return text + "\n"
    }
}
