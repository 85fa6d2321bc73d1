import TorchBridge

/// Runs code without recording how to differentiate it.
public func withoutGradients<R>(_ body: () throws -> R) rethrows -> R {
    let before = tb_record_gradients(false)
    defer { _ = tb_record_gradients(before) }
    return try body()
}

/// Runs code recording how to differentiate it.
public func recordingGradients<R>(_ body: () throws -> R) rethrows -> R {
    let before = tb_record_gradients(true)
    defer { _ = tb_record_gradients(before) }
    return try body()
}

/// Derivatives of `Σ outputs · seeds` with respect to each input; nil where an input has no part.
///
/// The record behind the outputs is used up.
public func gradients(of outputs: [Tensor], seeds: [Tensor], for inputs: [Tensor]) -> [Tensor?] {
    var results = [OpaquePointer?](repeating: nil, count: inputs.count)
    Tensor.run("gradients", outputs + seeds + inputs) { handles in
        let second = outputs.count
        let third = second + seeds.count
        return withList(handles[..<second]) { outputs in
            withList(handles[second..<third]) { seeds in
                withList(handles[third...]) { tb_gradients(outputs, seeds, $0, &results) }
            }
        }
    }
    return results.map { handle in handle.map { Tensor(adopting: $0) } }
}

/// One AdamW step in place, all lists in the same order; `step` counts from 1.
///
/// - Source: "Decoupled weight decay regularization", Loshchilov and Hutter, 2019.
public func adamWStep(
    parameters: [Tensor],
    gradients: [Tensor],
    means: [Tensor],
    squares: [Tensor],
    step: Int,
    rate: Double,
    beta1: Double,
    beta2: Double,
    epsilon: Double,
    decay: Double
) {
    let count = parameters.count
    Tensor.run("adamWStep", parameters + gradients + means + squares) { handles in
        withList(handles[..<count]) { parameters in
            withList(handles[count..<2 * count]) { gradients in
                withList(handles[2 * count..<3 * count]) { means in
                    withList(handles[(3 * count)...]) { squares in
                        tb_adamw_step(
                            parameters,
                            gradients,
                            means,
                            squares,
                            Int64(step),
                            rate,
                            beta1,
                            beta2,
                            epsilon,
                            decay
                        )
                    }
                }
            }
        }
    }
}
