import LTXModel
import Torch

extension Comparison {
    /// Noise levels of sampling; `sigmas.<tokens>.<steps>`.
    func compareSchedule() throws {
        for name in recording.outputs {
            let numbers = name.split(separator: ".").compactMap { Int($0) }
            guard name.hasPrefix("sigmas."), numbers.count == 2 else { continue }
            let schedule = SigmaSchedule(steps: numbers[1], tokens: numbers[0])
            try compare(name, Tensor(schedule.sigmas.map(Float.init)))
        }
        skipRest { _ in "unknown here" }
    }
}
