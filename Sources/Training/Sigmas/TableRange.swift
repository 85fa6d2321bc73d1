import Foundation
import Torch

/// Noise levels that are drawn more often.
public enum SigmaPreference: Sendable, Equatable {
    /// None.
    case balanced
    /// High noise, where the layout is decided: `content` in ai-toolkit.
    case content
    /// Low noise, where the detail is decided: `style` in ai-toolkit.
    case style

    /// Where between 0 (most noise) and 1 (least) a uniform number lands.
    ///
    /// - Source: the cubic sampling of "T2I-Adapter", Mou et al., 2023, section 3.4.
    func place(_ uniform: Double) -> Double {
        switch self {
        case .balanced: uniform
        case .content: pow(uniform, 3)
        case .style: 1 - pow(uniform, 3)
        }
    }
}

/// Which part of a table of noise levels is drawn; index 0 is pure noise, the last is nearly clean.
public struct TableRange: Sendable, Equatable {
    /// Entries of the table.
    public let length: Int
    /// Lowest index that is drawn.
    public let first: Int
    /// Highest index; only a preference ever reaches it, a plain draw stops one before.
    public let last: Int
    /// What is drawn more often.
    public let preference: SigmaPreference

    /// A part of a table; limits beyond its ends move to them.
    public init(
        first: Int = 0,
        last: Int = 999,
        preference: SigmaPreference = .balanced,
        length: Int = 1000
    ) {
        self.length = max(length, 2)
        self.first = min(max(first, 0), self.length - 1)
        self.last = min(max(last, self.first), self.length - 1)
        self.preference = preference
    }

    /// Whether nothing is left out or preferred.
    var isWhole: Bool { first == 0 && last == length - 1 && preference == .balanced }

    /// Indices for distributions that are tables.
    ///
    /// - Source: index draw of ai-toolkit (27a03a91); a plain draw never takes the last index.
    func indices(_ count: Int, random: RandomGenerator) -> [Int] {
        random.uniform([count]).floats().map { number in
            let uniform = preference.place(Double(number))
            guard preference != .balanced else {
                return max(first, min(last - 1, first + Int(uniform * Double(last - first))))
            }
            let stretch = Double(length) / Double(length - 1)
            return min(last, first + Int(uniform * stretch * Double(last - first)))
        }
    }

    /// Depths for distributions without a table: the share, 0 to 1, of it that has more noise.
    ///
    /// Index `i` of a sorted table of `length` draws lies at depth `i / length` to
    /// `(i + 1) / length`, so the indices `first ..< last` cut the distribution at
    /// `first / length` and `last / length`; the last index of all means the whole tail.
    func depths(_ count: Int, random: RandomGenerator) -> [Double] {
        let end = last == length - 1 && first < last ? length : last
        return random.uniform([count]).floats().map { number in
            guard first < last else { return (Double(first) + 0.5) / Double(length) }
            let place = preference.place(Double(number)) * Double(end - first)
            return (Double(first) + place) / Double(length)
        }
    }
}
