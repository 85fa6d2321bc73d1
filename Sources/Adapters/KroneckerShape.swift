/// How LoKr cuts a matrix `[out, in]` into a product of `[a, c]` and `[b, d]`.
///
/// - Source: `factorization` of LyCORIS, whose rule peft and ai-toolkit share.
struct KroneckerShape: Equatable {
    let a: Int
    let b: Int
    let c: Int
    let d: Int

    /// Cuts both sizes; a factor of -1 takes the most balanced parts.
    init(_ input: Int, _ output: Int, factor: Int) {
        (a, b) = Self.parts(of: output, factor)
        (c, d) = Self.parts(of: input, factor)
    }

    /// The cut that two factors of a file make; nil if they are no matrices.
    init?(_ first: [Int], _ second: [Int]) {
        guard first.count == 2, second.count == 2 else { return nil }
        (a, c) = (first[0], first[1])
        (b, d) = (second[0], second[1])
    }

    /// The factor itself where it divides; else the largest divisor up to it and to the square root.
    static func parts(of size: Int, _ factor: Int) -> (Int, Int) {
        if factor > 0, size.isMultiple(of: factor) { return (factor, size / factor) }
        let root = Int(Double(size).squareRoot())
        let limit = factor > 0 ? min(factor, root) : root
        let first = stride(from: max(limit, 1), through: 1, by: -1).first {
            size.isMultiple(of: $0)
        }
        return (first ?? 1, size / (first ?? 1))
    }

    /// Rank of the second factor's two parts; nil where it is kept whole, as that is not larger.
    func secondRank(_ rank: Int, isFull: Bool) -> Int? {
        isFull || 2 * rank >= max(b, d) ? nil : rank
    }

    func valueCount(rank: Int, isFull: Bool) -> Int {
        a * c + (secondRank(rank, isFull: isFull).map { $0 * (b + d) } ?? b * d)
    }
}
