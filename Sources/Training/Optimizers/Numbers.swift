import Foundation
import Torch

/// Powers, for files that need nothing else of Foundation.
func power(_ base: Double, _ exponent: Double) -> Double { pow(base, exponent) }

/// Numbers of an optimizer's state, kept exactly.
func stateNumbers(_ numbers: KeyValuePairs<String, Double>) -> [(name: String, tensor: Tensor)] {
    numbers.map { ($0, Tensor.full([1], $1, dtype: .float64)) }
}
