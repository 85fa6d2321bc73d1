/// Why adapter files cannot be read, changed or written.
public struct LoRAError: Error, Equatable, CustomStringConvertible {
    /// The file, and the layer where one is meant.
    public let place: String
    /// What is and what should be.
    public let problem: String
    /// What to do about it.
    public let fix: String

    /// An error at a place.
    public init(at place: String, _ problem: String, fix: String) {
        self.place = place
        self.problem = problem
        self.fix = fix
    }

    /// Reads `a.safetensors: holds no tensors, should hold an adapter; check the path`.
    public var description: String { "\(place): \(problem); \(fix)" }

    /// The first ten names, and how many there are besides.
    static func shown(_ names: some Collection<String>) -> String {
        let rest = names.count > 10 ? " and \(names.count - 10) more" : ""
        return names.prefix(10).joined(separator: ", ") + rest
    }
}
