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

/// One step of Adam in place, all lists in the same order; `step` counts from 1.
///
/// The decay takes from the parameters (AdamW), or adds to the gradients if it is not `decoupled`.
///
/// - Source: "Decoupled weight decay regularization", Loshchilov and Hutter, 2019.
public func adamStep(
    parameters: TensorList,
    gradients: TensorList,
    means: TensorList,
    squares: TensorList,
    step: Int,
    rate: Double,
    beta1: Double,
    beta2: Double,
    epsilon: Double,
    decay: Double,
    decoupled: Bool
) {
    let lists = [parameters, gradients, means, squares].map(\.tensors)
    TensorList.run("adamStep", lists) {
        tb_adam_step(
            $0[0],
            $0[1],
            $0[2],
            $0[3],
            Int64(step),
            rate,
            beta1,
            beta2,
            epsilon,
            decay,
            decoupled
        )
    }
}
