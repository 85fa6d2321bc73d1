/// `${VAR}` in the raw text, replaced before it is read as YAML, comments included.
enum EnvironmentVariables {
    struct Fault: Error, Equatable {
        let line: Int
        let message: String
        let fix: String
    }

    /// The text with every `${VAR}` replaced, and a fault for each that cannot be.
    static func substitute(
        in text: String,
        from environment: [String: String]
    ) -> (text: String, faults: [Fault]) {
        var result = ""
        var faults: [Fault] = []
        var rest = text[...]
        while let start = rest.firstRange(of: "${"),
            let end = rest[start.upperBound...].firstIndex(of: "}")
        {
            let name = String(rest[start.upperBound..<end])
            result += rest[..<start.lowerBound]
            rest = rest[rest.index(after: end)...]
            if let value = environment[name], !value.contains(where: \.isNewline) {
                result += value
            } else {
                let line = result.count { $0.isNewline } + 1
                faults.append(fault(name, isSet: environment[name] != nil, line: line))
                // The line breaks of a runaway name keep later lines where they were.
                result += String(name.filter(\.isNewline))
            }
        }
        return (result + rest, faults)
    }

    private static func fault(_ name: String, isSet: Bool, line: Int) -> Fault {
        let shown = name.prefix(40)
        return isSet
            ? Fault(
                line: line,
                message: "environment variable \(shown) has several lines, expected one",
                fix: "set it to a single line"
            )
            : Fault(
                line: line,
                message: "environment variable \(shown) is not set",
                fix: "export \(shown)=… or write the value in the file"
            )
    }
}
