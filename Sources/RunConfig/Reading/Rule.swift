/// What a value must fulfil beyond its type, and how a message says it.
struct Rule<Value> {
    /// Follows the name of the type: "a number" + " above 0".
    let text: String
    let accepts: (Value) -> Bool

    static var any: Rule { Rule(text: "") { _ in true } }

    static func that(_ text: String, _ accepts: @escaping (Value) -> Bool) -> Rule {
        Rule(text: " \(text)", accepts: accepts)
    }
}

extension Rule where Value: Comparable & CustomStringConvertible {
    static func above(_ limit: Value) -> Rule { that("above \(limit.shown)") { $0 > limit } }

    static func atLeast(_ limit: Value) -> Rule {
        that("of at least \(limit.shown)") { $0 >= limit }
    }

    static func within(_ range: ClosedRange<Value>) -> Rule {
        let text = "from \(range.lowerBound.shown) to \(range.upperBound.shown)"
        return that(text) { range.contains($0) }
    }

    static func within(_ range: Range<Value>) -> Rule {
        let text = "from \(range.lowerBound.shown) to below \(range.upperBound.shown)"
        return that(text) { range.contains($0) }
    }
}

extension Rule where Value: Collection {
    static var notEmpty: Rule { that("that is not empty") { !$0.isEmpty } }
}

extension CustomStringConvertible {
    /// `1` for `1.0`: limits read as people write them.
    fileprivate var shown: String {
        description.hasSuffix(".0") ? String(description.dropLast(2)) : description
    }
}
