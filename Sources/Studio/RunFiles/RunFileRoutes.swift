import Hummingbird
import RunConfig

/// Run files as text: what keys there are, what is wrong with a text, one key changed in it.
struct RunFileRoutes: StudioRoutes {
    let roots: Roots

    private struct Preset: Encodable {
        let name: String
        let values: [String: ConfigValue]
    }

    private struct Schema: Encodable {
        let entries: [SchemaEntry]
        let presets: [Preset]
        /// What a new file begins with.
        let template: String
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

    private struct Checked: Encodable {
        let diagnostics: [Diagnostic]
        let values: [String: ConfigValue]
        let heldOut: [String]
    }

    private struct Edited: Encodable {
        let yaml: String
        let diagnostics: [Diagnostic]
        let values: [String: ConfigValue]
        /// Clips of the file's folders that pages marked as held out.
        let heldOut: [String]
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
                    },
                    template: RunFile.template
                )
            )
        }
        router.post("/api/run-files/check") { request, _ in
            let text = try await request.json(as: Text.self)
            let check = RunFileCheck(text.yaml, fileName: text.fileName)
            return try Response.json(
                Checked(
                    diagnostics: check.diagnostics,
                    values: check.values,
                    heldOut: HeldOutMarks.all(in: check.values, roots: roots)
                )
            )
        }
        router.post("/api/run-files/edit") { request, _ in
            try edit(try await request.json(as: Change.self))
        }
    }

    private func edit(_ change: Change) throws -> Response {
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
                heldOut: HeldOutMarks.all(in: check.values, roots: roots),
                rewritten: edit.rewritten,
                lostComments: edit.lostComments
            )
        )
    }
}
