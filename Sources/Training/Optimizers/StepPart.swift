import Torch

/// Parameters of one step that share a rate and have gradients: as many as go through the lists at once.
///
/// What a step computes on the way is as large as a part; so parts are small beside all parameters.
struct StepPart {
    let indices: [Int]
    let parameters: TensorList
    let gradients: TensorList
    let rate: Double
    /// Elements of a part at most, unless a single parameter has more.
    static let elementLimit = 1 << 22

    private struct Kind: Hashable {
        var rate: Double
        var other: Int
    }

    /// The parts of a step; `apart` tells parameters apart that must not share a part.
    static func parts(
        _ parameters: [Tensor],
        _ gradients: [Tensor?],
        rates: [Double],
        apart: (Int) -> Int = { _ in 0 }
    ) -> [StepPart] {
        let reached = gradients.indices.filter { gradients[$0] != nil }
        let groups = Dictionary(grouping: reached) { Kind(rate: rates[$0], other: apart($0)) }
        // In the order of the parameters: sums over parts depend on it.
        return groups.values.sorted { $0[0] < $1[0] }.flatMap { group in
            cut(group, parameters).map { indices in
                StepPart(
                    indices: indices,
                    parameters: TensorList(indices.map { parameters[$0] }),
                    gradients: TensorList(indices.compactMap { gradients[$0] }),
                    rate: rates[indices[0]]
                )
            }
        }
    }

    /// Runs of indices whose parameters keep to the limit together.
    static func cut(
        _ indices: [Int],
        _ parameters: [Tensor],
        limit: Int = elementLimit
    ) -> [[Int]] {
        var runs: [[Int]] = []
        var room = 0
        for index in indices {
            let count = parameters[index].count
            if runs.isEmpty || count > room {
                runs.append([])
                room = limit
            }
            runs[runs.count - 1].append(index)
            room -= count
        }
        return runs
    }
}
