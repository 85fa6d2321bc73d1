import HTTPTypes
import Hummingbird

/// Uploads: `POST` begins one, `PATCH` adds a piece, `GET` says how far it is, `DELETE` forgets it.
struct UploadRoutes: StudioRoutes {
    static let path = "/api/uploads"
    let store: UploadStore

    private struct Start: Decodable {
        let folder: String
        let name: String
        let size: Int64
        let sha256: String?
    }

    func add(to router: Router<StudioContext>) {
        router.post("/api/uploads") { request, _ in
            let start = try await request.json(as: Start.self)
            let progress = try await store.begin(
                start.name,
                in: start.folder,
                size: start.size,
                sha256: start.sha256
            )
            return try answer(progress, .created)
        }
        router.get("/api/uploads/:id") { _, context in
            try await answer(store.progress(context.parameters.require("id")), .ok)
        }
        router.patch("/api/uploads/:id") { request, context in
            let progress = try await store.append(
                request.body,
                length: request.headers[.contentLength].flatMap { Int64($0) },
                to: context.parameters.require("id"),
                at: try offset(of: request)
            )
            return try answer(progress, .ok)
        }
        router.delete("/api/uploads/:id") { _, context in
            try await store.cancel(context.parameters.require("id"))
            return Response.done
        }
    }

    private func offset(of request: Request) throws -> Int64 {
        if let text = request.headers[.uploadOffset], let offset = Int64(text), offset >= 0 {
            return offset
        }
        throw StudioError(
            .badRequest,
            "Upload-Offset",
            "is missing or no number",
            fix: "send where the piece begins"
        )
    }

    private func answer(
        _ progress: UploadProgress,
        _ status: HTTPResponse.Status
    ) throws -> Response {
        try .json(progress, status: status, headers: [.uploadOffset: "\(progress.offset)"])
    }
}
