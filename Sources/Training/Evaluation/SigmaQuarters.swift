/// Recent errors of one modality by quarters of the noise level.
///
/// A single mean hides what matters: the timbre of a voice is learned in the lower half, layout in the upper.
public struct SigmaQuarters: Sendable {
    private var errors: [[Double]] = Array(repeating: [], count: 4)
    private let length: Int

    /// Remembers so many errors in each quarter.
    public init(length: Int = 50) { self.length = length }

    /// Takes in the errors of a step.
    public mutating func add(_ found: [SigmaError]) {
        for item in found where item.error.isFinite {
            let quarter = min(3, max(0, Int(item.sigma * 4)))
            errors[quarter] = Array((errors[quarter] + [item.error]).suffix(length))
        }
    }

    /// Mean error of each quarter, from clean to noise; nil where nothing was drawn.
    public var means: [Double?] {
        errors.map { $0.isEmpty ? nil : $0.reduce(0, +) / Double($0.count) }
    }
}
