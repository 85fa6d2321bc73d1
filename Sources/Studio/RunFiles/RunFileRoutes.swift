import Hummingbird
import RunConfig

/// Run files as text: what keys there are, what is wrong with a text, one key changed in it.
struct RunFileRoutes: StudioRoutes {
    private struct Preset: Encodable {
        let name: String
        let values: [String: ConfigValue]
    }

    private struct Schema: Encodable {
        let entries: [SchemaEntry]
        let presets: [Preset]
    }

    private struct Text: Decodable {
        let yaml: String
        let fileName: String?
    }

    private struct Change: Decodable {
        let yaml: String
        let path: String
        let value: ConfigValue?
        let fileName: String?
    }

    private struct Edited: Encodable {
        let yaml: String
        let diagnostics: [Diagnostic]
        let values: [String: ConfigValue]
        let rewritten: String?
        let lostComments: [String]
    }

    func add(to router: Router<StudioContext>) {
        router.get("/api/schema") { _, _ in
            try Response.json(
                Schema(
                    entries: RunFile.schema,
                    presets: TrainingPreset.allCases.map {
                        Preset(name: $0.rawValue, values: $0.values)
                    }
                )
            )
        }
        router.post("/api/run-files/check") { request, _ in
            let text = try await request.json(as: Text.self)
            return try Response.json(RunFileCheck(text.yaml, fileName: text.fileName))
        }
        router.post("/api/run-files/edit") { request, _ in
            try Self.edit(try await request.json(as: Change.self))
        }
    }

    private static func edit(_ change: Change) throws -> Response {
        let edit: RunFileEdit
        do {
            let value = change.value == .null ? nil : change.value
            edit = try RunFileEditor.edit(change.path, to: value, in: change.yaml)
        } catch {
            throw StudioError(
                .unprocessableContent,
                "line \(error.line)\(error.path.isEmpty ? "" : ": \(error.path)")",
                error.message,
                fix: error.fix
            )
        }
        let check = RunFileCheck(edit.text, fileName: change.fileName)
        return try .json(
            Edited(
                yaml: edit.text,
                diagnostics: check.diagnostics,
                values: check.values,
                rewritten: edit.rewritten,
                lostComments: edit.lostComments
            )
        )
    }
}
