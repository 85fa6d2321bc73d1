/// Why a clip is not cut: where, what is, what to do.
public struct CuttingError: Error, Equatable, CustomStringConvertible {
    /// The option or file at fault.
    public let place: String
    /// What is, and what should be.
    public let problem: String
    /// What to do about it.
    public let fix: String

    /// Reads `--to: is 9 s and the clip ends at 5 s; name a time in the clip`.
    public var description: String { "\(place): \(problem); \(fix)" }

    init(_ place: String, _ problem: String, fix: String) {
        (self.place, self.problem, self.fix) = (place, problem, fix)
    }
}

extension Double {
    /// Seconds for people: at most three decimals.
    public var secondsText: String {
        let thousandths = (self * 1000).rounded() / 1000
        return thousandths == thousandths.rounded() && abs(thousandths) < 1e9
            ? "\(Int(thousandths)) s" : "\(thousandths) s"
    }
}
