import Foundation

extension CharacterScores: CustomStringConvertible {
    /// A table: shares, in per cent, of samples that are nearer to the character that is named.
    public var description: String {
        let names = TrialCharacter.both.map(\.trigger)
        let groups = names.map { "\"\($0)\" is \($0)" } + ["both: is \(names[0])"]
        let first =
            "".padded(18) + groups.map { $0.padded(18) }.joined()
            + "error" + "".padded(13) + "bleed    drift"
        let second =
            "way".padded(18) + groups.map { _ in "picture  sound".padded(18) }.joined()
            + names.map { $0.padded(9) }.joined()
        return ([first, second] + rows.map(\.line)).joined(separator: "\n")
    }
}

extension CharacterScores.Row {
    fileprivate var line: String {
        let shares = (own + [firstOfBoth]).map { pair in
            (String(format: "%6.0f%%", pair[0] * 100) + String(format: "%6.0f%%", pair[1] * 100))
                .padded(18)
        }
        let errors = errors.map { ($0[0] + $0[1]) / 2 }
        return way.padded(18) + shares.joined()
            + (errors + [bleed, drift]).map { String(format: "%-9.2f", $0) }.joined()
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
