import Foundation

extension CharacterScores: CustomStringConvertible {
    /// A table: shares in per cent of samples that are nearer to the character that is named.
    public var description: String {
        let names = TrialCharacter.both.map(\.trigger)
        let head =
            "way               \(names[0]): picture sound   \(names[1]): picture sound   "
            + "both: picture=\(names[0]) sound=\(names[0])   error \(names[0])  \(names[1])   bleed   drift"
        return ([head] + rows.map(\.line)).joined(separator: "\n")
    }
}

extension CharacterScores.Row {
    fileprivate var line: String {
        let shares = own.flatMap(\.self) + firstOfBoth
        let errors = errors.map { ($0[0] + $0[1]) / 2 }
        return way.padding(toLength: 18, withPad: " ", startingAt: 0)
            + zip(shares, [14, 6, 15, 6, 20, 11]).map {
                String(repeating: " ", count: max(1, $1 - 4)) + String(format: "%3.0f%%", $0 * 100)
            }.joined()
            + (errors + [bleed, drift]).map { String(format: "%9.3f", $0) }.joined()
    }
}
