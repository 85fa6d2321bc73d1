import Foundation
public import HTTPTypes
public import Hummingbird
import NIOCore

extension Response {
    /// An answer in JSON that no cache keeps.
    public static func json(
        _ value: some Encodable,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) throws -> Response {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        return json(bytes: try encoder.encode(value), status: status, headers: headers)
    }

    /// An answer whose JSON is there already.
    static func json(
        bytes: Data,
        status: HTTPResponse.Status = .ok,
        headers: HTTPFields = [:]
    ) -> Response {
        var headers = headers
        headers[.contentType] = "application/json; charset=utf-8"
        headers[.cacheControl] = "no-store"
        return Response(
            status: status,
            headers: headers,
            body: ResponseBody(byteBuffer: ByteBuffer(bytes: bytes))
        )
    }

    /// An answer without content.
    public static var done: Response { Response(status: .noContent) }
}

extension Request {
    /// The body, read as JSON.
    ///
    /// - Throws: `StudioError` 413, 415 or 400, which names the field at fault.
    public func json<Value: Decodable>(as type: Value.Type) async throws -> Value {
        try Self.decoded(type, from: try await jsonBody())
    }

    /// The body's bytes, which say that they are JSON: a form of another site cannot say so.
    func jsonBody() async throws -> Data {
        let mediaType = headers[.contentType]?.split(separator: ";").first
        guard mediaType?.lowercased() == "application/json" else {
            throw StudioError(
                .unsupportedMediaType,
                "body",
                "is \(mediaType ?? "of no type"), expected application/json",
                fix: "send JSON with that Content-Type"
            )
        }
        let buffer: ByteBuffer
        do {
            buffer = try await body.collect(upTo: BodyLimit.jsonBytes)
        } catch is NIOTooManyBytesError {
            throw BodyLimit.tooLarge(nil)
        }
        return Data(buffer.readableBytesView)
    }

    /// JSON, read; a fault names the field.
    static func decoded<Value: Decodable>(_ type: Value.Type, from bytes: Data) throws -> Value {
        do {
            return try JSONDecoder().decode(type, from: bytes)
        } catch let error as DecodingError {
            throw StudioError(.badRequest, "body", error.shown, fix: "correct the request")
        }
    }
}

extension DecodingError {
    /// Which field, and what is the matter with it.
    fileprivate var shown: String {
        func path(_ context: Context) -> String {
            context.codingPath.map { $0.intValue.map(String.init) ?? $0.stringValue }
                .joined(separator: ".")
        }
        switch self {
        case .keyNotFound(let key, _): return "lacks \"\(key.stringValue)\""
        case .typeMismatch(let type, let context):
            return "\(path(context)) is of another type, expected \(type)"
        case .valueNotFound(let type, let context):
            return "\(path(context)) is null, expected \(type)"
        case .dataCorrupted(let context) where !context.codingPath.isEmpty:
            return "\(path(context)): \(context.debugDescription)"
        default: return "is not valid JSON"
        }
    }
}
