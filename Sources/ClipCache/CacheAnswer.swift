/// What a cache says to a key; only a hit may be used, everything else means: make it anew.
public enum CacheAnswer<Value: Sendable>: Sendable {
    /// The entry is whole and belongs to the key.
    case hit(Value)
    /// There is no entry.
    case miss
    /// The entry is whole but does not answer what is asked; the reason says how.
    case stale(String)
    /// The file is damaged or not ours; the reason says how.
    case broken(String)

    /// The entry, if it may be used.
    public var value: Value? {
        if case .hit(let value) = self { value } else { nil }
    }
}

extension CacheAnswer: Equatable where Value: Equatable {}

/// Why an entry cannot be stored; reading never fails, it answers.
public struct CacheError: Error, Equatable, CustomStringConvertible {
    /// The cache file.
    public let place: String
    /// What is and what should be.
    public let problem: String
    /// What to do about it.
    public let fix: String

    /// Reads `a/_latent_cache/b.safetensors: cannot be written (…), should be writable; …`.
    public var description: String { "\(place): \(problem); \(fix)" }
}
