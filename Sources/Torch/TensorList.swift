import TorchBridge

/// Tensors that are changed together, element by element and in place.
///
/// For optimizers, which work on thousands of small tensors: one launch serves many of them where the device
/// can. Lists that meet in an operation have equal lengths and shapes; nothing is recorded for gradients.
public struct TensorList {
    /// The tensors, in order.
    public let tensors: [Tensor]

    /// A list of tensors, which stay what they are.
    public init(_ tensors: [Tensor]) { self.tensors = tensors }

    /// Multiplies by a number.
    public func scale(by factor: Double) {
        change("list scale") { tb_list_scale($0[0], factor) }
    }

    /// Adds `factor · other`.
    public func add(_ other: TensorList, times factor: Double = 1) {
        change("list add", other) { tb_list_add($0[0], $0[1], factor) }
    }

    /// Adds a number.
    public func add(_ number: Double) {
        change("list add number") { tb_list_add_number($0[0], number) }
    }

    /// Adds `factor · a · b`.
    public func addProduct(_ a: TensorList, _ b: TensorList, times factor: Double) {
        change("list add product", a, b) { tb_list_add_product($0[0], $0[1], $0[2], factor) }
    }

    /// Adds `factor · a / b`.
    public func addQuotient(_ a: TensorList, _ b: TensorList, times factor: Double) {
        change("list add quotient", a, b) { tb_list_add_quotient($0[0], $0[1], $0[2], factor) }
    }

    /// Goes a share of the way to other values; a share may lie outside 0...1.
    public func move(to goals: TensorList, by share: Double) {
        change("list move", goals) { tb_list_move($0[0], $0[1], share) }
    }

    /// Divides by another list.
    public func divide(by other: TensorList) {
        change("list divide", other) { tb_list_divide($0[0], $0[1]) }
    }

    /// Takes square roots.
    public func squareRoot() { change("list square root") { tb_list_square_root($0[0]) } }

    /// Leaves -1, 0 or 1.
    public func sign() { change("list sign") { tb_list_sign($0[0]) } }

    /// Takes over other values.
    public func copy(from other: TensorList) {
        change("list copy", other) { tb_list_copy($0[0], $0[1]) }
    }

    /// Copies with memory of their own, bit for bit.
    public func clone() -> TensorList {
        Self.results("list clone", count: tensors.count, [tensors]) { tb_list_clone($0[0], $1) }
    }

    /// Sum of the products over all elements of all tensors: one `float64`.
    public func dot(_ other: TensorList) -> Tensor {
        Self.number("list dot", [tensors, other.tensors]) { tb_list_dot($0, $1[0], $1[1]) }
    }

    /// Sum of all magnitudes: one `float64`.
    public var absoluteSum: Tensor {
        Self.number("list absolute sum", [tensors]) { tb_list_absolute_sum($0, $1[0]) }
    }
}

// MARK: - Calls with several lists

extension TensorList {
    private func change(
        _ operation: StaticString,
        _ others: TensorList...,
        body: ([tb_list]) -> tb_status
    ) {
        Self.run(operation, [tensors] + others.map(\.tensors), body)
    }

    static func run(
        _ operation: StaticString,
        _ lists: [[Tensor]],
        _ body: ([tb_list]) -> tb_status
    ) {
        Tensor.run(operation, lists.flatMap(\.self)) { handles in
            // Safe because C reads the handles only during the call.
            handles.withUnsafeBufferPointer { buffer in
                var start = 0
                let lent = lists.map { list in
                    defer { start += list.count }
                    return tb_list(
                        values: buffer.baseAddress.map { $0 + start },
                        count: list.count
                    )
                }
                return body(lent)
            }
        }
    }

    private static func number(
        _ operation: StaticString,
        _ lists: [[Tensor]],
        _ body: (Tensor.Out, [tb_list]) -> tb_status
    ) -> Tensor {
        var result: OpaquePointer?
        run(operation, lists) { body(&result, $0) }
        return Tensor(adopting: result)
    }

    static func results(
        _ operation: StaticString,
        count: Int,
        _ lists: [[Tensor]],
        _ body: ([tb_list], Tensor.Out) -> tb_status
    ) -> TensorList {
        var results = [OpaquePointer?](repeating: nil, count: count)
        run(operation, lists) { lent in
            results.withUnsafeMutableBufferPointer { buffer in
                guard let place = buffer.baseAddress else { return TB_OK }
                return body(lent, place)
            }
        }
        return TensorList(results.map { Tensor(adopting: $0) })
    }
}
