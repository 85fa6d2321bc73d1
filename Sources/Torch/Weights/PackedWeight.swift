import TorchBridge

/// A matrix in codes: decoded for each product, forward and backward, and never kept decoded.
///
/// Products differentiate by their input alone; the weight gets no gradient. What is decoded is read
/// from the stored tensors each time, so their contents may be moved between two products.
public protocol PackedWeight: LinearWeight {
    /// Codes, scales and, where the form has them, zero points.
    var packed: PackedTensors { get }
}

/// The tensors of a packed matrix and how to read them.
public final class PackedTensors {
    let form: tb_weight_form
    let codes: Tensor
    let scale: Tensor
    let zero: Tensor?
    let shape: [Int]  // [out, in]
    /// Sum of the squares of each decoded row, `[out]`, float32.
    private(set) lazy var rowSquares = withoutGradients {
        call("rowSquares") { out, _, weight in tb_quantized_row_squares(out, weight) }
    }

    /// Codes a matrix `[out, in]`.
    convenience init(coding matrix: Tensor, as form: tb_weight_form) {
        var codes: OpaquePointer?
        var scale: OpaquePointer?
        var zero: OpaquePointer?
        Tensor.run("quantize", [matrix]) { tb_quantize(&codes, &scale, &zero, $0[0], form) }
        self.init(
            form,
            codes: Tensor(adopting: codes),
            scale: Tensor(adopting: scale),
            zero: zero.map { Tensor(adopting: $0) },
            shape: matrix.shape
        )
    }

    init(_ form: tb_weight_form, codes: Tensor, scale: Tensor, zero: Tensor? = nil, shape: [Int]) {
        self.form = form
        self.codes = codes
        self.scale = scale
        self.zero = zero
        self.shape = shape
    }

    /// Bits of one code.
    var bits: Int { form == TB_INT4_GROUPS || form == TB_NF4_BLOCKS ? 4 : 8 }

    var all: [Tensor] { [codes, scale] + [zero].compactMap(\.self) }

    /// Lends the weight to C, after `others`; the handles are those that the funnel keeps alive.
    func call(
        _ operation: StaticString,
        after others: [Tensor] = [],
        _ body: (Tensor.Out, [OpaquePointer], tb_weight) -> tb_status
    ) -> Tensor {
        Tensor.call(operation, others + all) { out, handles in
            let own = handles[others.count...]
            let first = own.startIndex
            let weight = tb_weight(
                form: form,
                codes: own[first],
                scale: own[first + 1],
                zero: zero == nil ? nil : own[first + 2],
                rows: Int64(shape[0]),
                columns: Int64(shape[1])
            )
            return body(out, handles, weight)
        }
    }
}

extension PackedWeight {
    /// Sizes, `[out, in]`.
    public var shape: [Int] { packed.shape }

    /// Bytes of codes, scales and zero points.
    public var byteCount: Int { tensors.reduce(0) { $0 + $1.byteCount } }

    /// Codes, scales and zero points themselves.
    public var tensors: [Tensor] { packed.all }

    /// Sum of the squares of each row of the decoded matrix, `[out]`, float32; computed once.
    public var rowSquares: Tensor { packed.rowSquares }

    /// The decoded matrix `[out, in]`: computed in float32 and rounded once.
    public func dense(_ dtype: DType) -> Tensor {
        packed.call("dequantize") { out, _, weight in tb_dequantize(out, weight, dtype.bridged) }
    }

    /// `x Wᵀ + b` in the type of `x`.
    public func product(_ x: Tensor, bias: Tensor?) -> Tensor {
        let inputs = [x] + [bias].compactMap(\.self)
        return packed.call("quantizedLinear", after: inputs) { out, handles, weight in
            tb_quantized_linear(out, handles[0], weight, bias == nil ? nil : handles[1])
        }
    }
}
