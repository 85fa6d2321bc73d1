import Foundation
import HTTPTypes
import Hummingbird
import NIOCore

/// A file as an answer: whole or in part, in pieces, with a tag by which browsers keep it.
struct FileAnswer {
    /// Bytes that are in memory at once for each reader.
    static let piece = 256 << 10

    /// For what may hold scripts: shown, but not run, and apart from our pages.
    static let sandbox =
        "sandbox; default-src 'none'; img-src data: blob:; media-src data: blob:; "
        + "style-src 'unsafe-inline'; frame-ancestors 'self'"

    let file: OpenFile
    let name: String
    let isDownload: Bool

    func response(to request: Request) -> Response {
        var headers = headers()
        if let known = request.headers[.ifNoneMatch], Self.lists(known, file.tag) {
            return Response(status: .notModified, headers: headers)
        }
        switch range(of: request) {
        case .all:
            return response(.ok, headers, file.size > 0 ? 0...file.size - 1 : nil, request)
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound)/\(file.size)"
            return response(.partialContent, headers, range, request)
        case .outside:
            headers[.contentRange] = "bytes */\(file.size)"
            return Response(status: .rangeNotSatisfiable, headers: headers)
        }
    }

    /// A part counts only as long as the file is the one that the reader began with.
    private func range(of request: Request) -> ByteRange {
        if let begun = request.headers[.ifRange], begun != file.tag { return .all }
        return ByteRange(request.headers[.range], size: file.size)
    }

    private func headers() -> HTTPFields {
        var headers: HTTPFields = [
            .contentType: ContentType.ofFile(name), .eTag: file.tag, .acceptRanges: "bytes",
            .cacheControl: "private, no-cache",
        ]
        headers[.contentSecurityPolicy] = Self.sandbox
        if isDownload {
            var letters = CharacterSet.alphanumerics.intersection(
                CharacterSet(charactersIn: "\0"..."~")
            )
            letters.insert(charactersIn: "-._~")
            let encoded = name.addingPercentEncoding(withAllowedCharacters: letters) ?? "file"
            headers[.contentDisposition] = "attachment; filename*=UTF-8''\(encoded)"
        }
        return headers
    }

    private func response(
        _ status: HTTPResponse.Status,
        _ headers: HTTPFields,
        _ range: ClosedRange<Int64>?,
        _ request: Request
    ) -> Response {
        let count = range.map { $0.upperBound - $0.lowerBound + 1 } ?? 0
        guard request.method != .head, let range else {
            var headers = headers
            headers[.contentLength] = "\(count)"
            return Response(status: status, headers: headers)
        }
        let file = file
        let body = ResponseBody(contentLength: Int(count)) { writer in
            var offset = range.lowerBound
            while offset <= range.upperBound {
                let wanted = Int(min(Int64(Self.piece), range.upperBound - offset + 1))
                let bytes = try await file.read(at: offset, count: wanted)
                // A file that shrank cannot be sent as promised: the connection ends, and the reader sees it.
                guard bytes.readableBytes > 0 else { throw ChannelError.eof }
                offset += Int64(bytes.readableBytes)
                try await writer.write(bytes)
            }
            try await writer.finish(nil)
        }
        return Response(status: status, headers: headers, body: body)
    }

    /// Whether a list of tags has one.
    static func lists(_ header: String, _ tag: String) -> Bool {
        header.split(separator: ",").contains { entry in
            let entry = entry.drop { $0 == " " }
            return entry == "*" || (entry.hasPrefix("W/") ? entry.dropFirst(2) : entry) == tag
        }
    }
}
