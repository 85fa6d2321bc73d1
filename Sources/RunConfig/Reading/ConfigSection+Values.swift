extension ConfigSection {
    /// Keeps the default of an absent key; leaves a fault in the report.
    ///
    /// `otherwise` says how the default comes about, where it is not simply `value`.
    mutating func read<Value: ConfigReadable>(
        _ key: String,
        into value: inout Value,
        _ rule: Rule<Value> = .any,
        fix: String? = nil,
        otherwise: String? = nil,
        status: SchemaEntry.Status = .live
    ) {
        declare(key, value.configValue, rule, note: otherwise, status: status)
        let fix = fix ?? "drop the key for its default, \(value.configValue)"
        if let read: Value = take(key, rule, fix: fix) { value = read }
    }

    /// The same for a key without a default.
    mutating func read<Value: ConfigReadable>(
        _ key: String,
        into value: inout Value?,
        _ rule: Rule<Value> = .any,
        fix: String = "drop the key if in doubt",
        otherwise: String? = nil,
        status: SchemaEntry.Status = .live
    ) {
        declare(key, value?.configValue ?? .null, rule, note: otherwise, status: status)
        if let read: Value = take(key, rule, fix: fix) { value = read }
    }

    /// The same for a key that must be there.
    mutating func require<Value: ConfigReadable>(
        _ key: String,
        into value: inout Value,
        _ rule: Rule<Value> = .any,
        fix: String
    ) {
        declare(key, .null, rule, note: nil, isRequired: true)
        if let read: Value = take(key, rule, fix: fix) { value = read }
        if !has(key) { missing(key, expected: Value.noun + rule.text, fix: fix) }
    }

    func missing(_ key: String, expected: String, fix: String) {
        guard !report.isSchemaPass else { return }
        error(key, "missing, expected \(expected)", fix: fix)
    }

    private func take<Value: ConfigReadable>(
        _ key: String,
        _ rule: Rule<Value>,
        fix: String
    ) -> Value? {
        guard let node = node(key) else { return nil }
        if let value = Value(node), rule.accepts(value) { return value }
        let meant = node.scalarText.flatMap { text in
            Suggestion.nearest(to: text, among: Value.allowedValues ?? [])
        }
        error(
            key,
            "got \(node.shown), expected \(Value.noun)\(rule.text)",
            fix: meant.map { "did you mean \"\($0)\"?" } ?? fix
        )
        return nil
    }

    /// The file's value, else the preset's.
    private func node(_ key: String) -> ConfigNode? {
        let place = place(of: key)
        let preset = presetNode(key, at: place)
        guard has(key), let given = entries[key]?.value else { return preset }
        report.remember(place)
        return given
    }

    /// The preset's value, which is noted down; nil if there is none, or the file says otherwise.
    private func presetNode(_ key: String, at place: Place) -> ConfigNode? {
        guard let (value, isSaidElsewhere) = report.preset?.value(at: place) else { return nil }
        let isOverridden = isSaidElsewhere || has(key)
        report.presetValues.append(
            PresetValue(path: place.path, value: "\(value)", isOverridden: isOverridden)
        )
        return isOverridden ? nil : ConfigNode(line: place.line, preset: value)
    }

    private mutating func declare<Value: ConfigReadable>(
        _ key: String,
        _ value: ConfigValue,
        _ rule: Rule<Value>,
        note: String?,
        isRequired: Bool = false,
        status: SchemaEntry.Status = .live
    ) {
        declare(
            key,
            type: Value.schemaType,
            default: value,
            note: note,
            isRequired: isRequired,
            expected: Value.noun + rule.text,
            allowed: Value.allowedValues,
            status: status
        )
    }

    mutating func declare(
        _ key: String,
        type: String,
        default: ConfigValue,
        note: String? = nil,
        isRequired: Bool = false,
        expected: String,
        allowed: [String]? = nil,
        status: SchemaEntry.Status = .live
    ) {
        known.insert(key)
        defer { documentation = "" }
        guard report.isSchemaPass else { return }
        report.declare(
            SchemaEntry(
                path: place(of: key).schemaPath,
                type: type,
                default: `default`,
                defaultNote: note,
                isRequired: isRequired,
                expected: expected,
                allowedValues: allowed,
                documentation: documentation,
                status: status
            )
        )
    }
}
