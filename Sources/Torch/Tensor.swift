import TorchBridge

/// A reference to one LibTorch tensor; its memory goes back when the last reference does.
///
/// Operations do not throw: inside `withTorchErrors` the first failure is kept and every later
/// operation on its result is skipped. Not `Sendable`: tensors stay on the thread that trains, other
/// tasks hand over plain buffers.
public final class Tensor {
    let handle: OpaquePointer?  // nil only after a failure inside `withTorchErrors`

    init(adopting handle: OpaquePointer?) { self.handle = handle }

    deinit { if let handle { tb_free(handle) } }

    /// Sizes of the axes; empty for a single number and for a tensor that failed.
    public var shape: [Int] {
        withHandle { handle in
            (0..<tb_dimension_count(handle)).map { Int(tb_dimension(handle, $0)) }
        } ?? []
    }

    /// Number of axes.
    public var rank: Int { withHandle { tb_dimension_count($0) } ?? 0 }

    /// Number of elements.
    public var count: Int { shape.reduce(1, *) }

    /// Element type.
    public var dtype: DType { withHandle { DType(tb_type($0)) } ?? .float32 }

    /// Where the elements are.
    public var device: Device { withHandle { Device(String(cString: tb_device($0))) } ?? .cpu }

    /// Bytes of the elements.
    public var byteCount: Int { count * dtype.byteWidth }

    /// Size of one axis; negative axes count from the end.
    public func size(_ axis: Int) -> Int {
        let shape = shape
        let index = axis < 0 ? shape.count + axis : axis
        return shape.indices.contains(index) ? shape[index] : 0
    }

    /// Whether operations on this tensor are recorded.
    public var requiresGradient: Bool {
        get { withHandle { tb_requires_gradient($0) } ?? false }
        set {
            Tensor.run("requiresGradient", [self]) { handles in
                tb_set_requires_gradient(handles[0], newValue)
            }
        }
    }

    private func withHandle<R>(_ body: (OpaquePointer) -> R) -> R? {
        withExtendedLifetime(self) { handle.map(body) }
    }
}

/// How many tensors LibTorch holds for this process: what a leak test counts.
public func liveTensorCount() -> Int { Int(tb_live_tensors()) }

// MARK: - The funnel every operation goes through

extension Tensor {
    typealias Out = UnsafeMutablePointer<OpaquePointer?>

    /// Calls a bridge function, unless an input already failed; keeps its failure with all shapes.
    static func call(
        _ operation: StaticString,
        _ inputs: [Tensor],
        _ body: (Out, [OpaquePointer]) -> tb_status
    ) -> Tensor {
        var result: OpaquePointer?
        run(operation, inputs) { handles in body(&result, handles) }
        return Tensor(adopting: result)
    }

    /// The same for a function without a result; false when it failed or was skipped.
    @discardableResult
    static func run(
        _ operation: StaticString,
        _ inputs: [Tensor],
        _ body: ([OpaquePointer]) -> tb_status
    ) -> Bool {
        withExtendedLifetime(inputs) {
            let handles = inputs.compactMap(\.handle)
            guard handles.count == inputs.count else { return false }
            let status = body(handles)
            guard status != TB_OK else { return true }
            let shapes = inputs.map(\.shape)
            TorchErrorScope.record(TorchError("\(operation)", status, shapes: shapes))
            return false
        }
    }
}

/// Lends a Swift list of sizes to C.
func withDims<R>(_ values: [Int], _ body: (tb_dims) -> R) -> R {
    values.map(Int64.init).withUnsafeBufferPointer {
        // Safe because C reads the sizes only during the call.
        body(tb_dims(values: $0.baseAddress, count: $0.count))
    }
}

/// Lends a list of handles to C.
func withList<R>(_ handles: some Collection<OpaquePointer>, _ body: (tb_list) -> R) -> R {
    Array(handles).withUnsafeBufferPointer {
        // Safe because C reads the handles only during the call.
        body(tb_list(values: $0.baseAddress, count: $0.count))
    }
}
