public import Foundation

/// One object of a checkpoint's JSON configuration, read by key with errors that name the place.
public struct ConfigObject {
    /// Dotted path from the root, for messages.
    public let path: String
    /// The keys as they were parsed.
    public let values: [String: Any]

    /// Wraps parsed values.
    public init(_ values: [String: Any], path: String) {
        self.values = values
        self.path = path
    }

    /// Parses a JSON text whose top is an object.
    public init(json data: Data, path: String) throws(ConfigurationError) {
        guard let parsed = try? JSONSerialization.jsonObject(with: data) as? [String: Any] else {
            throw ConfigurationError("\(path): is not a JSON object; the file may be damaged")
        }
        self.init(parsed, path: path)
    }

    /// Whether a key is there and not null.
    public func has(_ key: String) -> Bool { values[key] != nil && !(values[key] is NSNull) }

    /// A whole number.
    public func int(_ key: String, default fallback: Int? = nil) throws(ConfigurationError) -> Int {
        try read(key, "a whole number", fallback) { ($0 as? NSNumber)?.intValue }
    }

    /// A number.
    public func double(
        _ key: String,
        default fallback: Double? = nil
    ) throws(ConfigurationError) -> Double {
        try read(key, "a number", fallback) { ($0 as? NSNumber)?.doubleValue }
    }

    /// True or false.
    public func bool(_ key: String, default fallback: Bool? = nil) throws(ConfigurationError)
        -> Bool
    {
        try read(key, "true or false", fallback) { ($0 as? NSNumber)?.boolValue }
    }

    /// A text.
    public func string(
        _ key: String,
        default fallback: String? = nil
    ) throws(ConfigurationError) -> String {
        try read(key, "a text", fallback) { $0 as? String }
    }

    /// A list of whole numbers.
    public func ints(_ key: String, default fallback: [Int]? = nil) throws(ConfigurationError)
        -> [Int]
    {
        try read(key, "a list of whole numbers", fallback) {
            ($0 as? [Any])?.compactMap { ($0 as? NSNumber)?.intValue }
        }
    }

    /// A list of lists of whole numbers.
    public func lists(_ key: String, default fallback: [[Int]]? = nil) throws(ConfigurationError)
        -> [[Int]]
    {
        try read(key, "a list of lists of whole numbers", fallback) {
            ($0 as? [[Any]])?.map { $0.compactMap { ($0 as? NSNumber)?.intValue } }
        }
    }

    /// An object below this one.
    public func object(_ key: String) throws(ConfigurationError) -> ConfigObject {
        let inner = try read(key, "an object", nil) { $0 as? [String: Any] }
        return ConfigObject(inner, path: "\(path).\(key)")
    }

    /// Any value; nil if absent or null.
    public func value(_ key: String) -> Any? { has(key) ? values[key] : nil }

    /// Refuses a value that the model code does not implement.
    ///
    /// An absent key passes: files leave out what is at its default.
    public func require<T: Equatable>(
        _ key: String,
        is expected: T
    ) throws(ConfigurationError) {
        guard let found = value(key) else { return }
        let agrees =
            (found as? T) == expected
            || (found as? NSNumber).map { "\($0)" == "\(expected)" } ?? false
        guard agrees else {
            throw ConfigurationError(
                "\(path).\(key): is \(found), only \(expected) is implemented; use an original LTX-2 checkpoint"
            )
        }
    }

    private func read<T>(
        _ key: String,
        _ kind: String,
        _ fallback: T?,
        _ convert: (Any) -> T?
    ) throws(ConfigurationError) -> T {
        guard let found = value(key) else {
            if let fallback { return fallback }
            throw ConfigurationError(
                "\(path).\(key): is missing, should be \(kind); the file is not a whole LTX-2 checkpoint"
            )
        }
        guard let converted = convert(found) else {
            throw ConfigurationError(
                "\(path).\(key): is \(found), should be \(kind); the file's metadata is damaged"
            )
        }
        return converted
    }
}

/// A configuration that this program cannot use, and why.
public struct ConfigurationError: Error, Equatable, CustomStringConvertible {
    /// Where, what is, what should be, what to do.
    public let description: String

    /// An error with its full sentence.
    public init(_ description: String) { self.description = description }
}
