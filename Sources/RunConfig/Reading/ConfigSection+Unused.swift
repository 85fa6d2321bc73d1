extension ConfigSection {
    /// Keys of ai-toolkit that change nothing here, with ai-toolkit's defaults: each is noted once.
    ///
    /// `severity` is for a value that is not the default.
    mutating func ignore(
        _ keys: KeyValuePairs<String, ConfigValue>,
        because reason: String,
        severity: Diagnostic.Severity = .note
    ) {
        for (key, value) in keys {
            documentation = "Accepted without effect: \(reason)."
            let status = SchemaEntry.Status.acceptedWithoutEffect
            declare(
                key,
                type: value.schemaType,
                default: value,
                expected: "any value",
                status: status
            )
            guard has(key) else { continue }
            let given = rawValue(key)
            let asks = given != value && !(given.isInert && value.isInert)
            let spoken = asks ? severity : .note
            report.addOnce(spoken, place(of: key), "has no effect here: \(reason)", fix: "")
        }
    }

    /// Keys of ai-toolkit that would make another kind of run: an error unless null, false or empty.
    mutating func refuse(_ keys: [String], because reason: String, fix: String) {
        for key in keys {
            documentation = "Refused: \(reason)."
            declare(key, type: "any", default: .null, expected: "nothing", status: .refused)
            guard has(key), !rawValue(key).isInert else { continue }
            error(key, "not supported: \(reason)", fix: fix)
        }
    }
}
