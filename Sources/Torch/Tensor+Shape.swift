import TorchBridge

/// What lies beyond the border of a padded tensor.
public enum Padding: Sendable {
    case zeros, reflect, replicate

    var bridged: tb_padding {
        switch self {
        case .zeros: TB_PAD_CONSTANT
        case .reflect: TB_PAD_REFLECT
        case .replicate: TB_PAD_REPLICATE
        }
    }
}

extension Tensor {
    /// The same elements in another shape; one size may be -1.
    public func reshape(_ shape: [Int]) -> Tensor {
        Tensor.call("reshape", [self]) { out, x in withDims(shape) { tb_reshape(out, x[0], $0) } }
    }

    /// The same elements in another shape; one size may be -1.
    public func reshape(_ shape: Int...) -> Tensor { reshape(shape) }

    /// Axes of size 1 repeated without copying; -1 keeps a size.
    public func expand(_ shape: [Int]) -> Tensor {
        Tensor.call("expand", [self]) { out, x in withDims(shape) { tb_expand(out, x[0], $0) } }
    }

    /// Axes in another order.
    public func permute(_ axes: Int...) -> Tensor {
        Tensor.call("permute", [self]) { out, x in withDims(axes) { tb_permute(out, x[0], $0) } }
    }

    /// Two axes exchanged.
    public func transpose(_ first: Int, _ second: Int) -> Tensor {
        Tensor.call("transpose", [self]) { tb_transpose($0, $1[0], Int64(first), Int64(second)) }
    }

    /// A stretch of one axis.
    public func narrow(_ axis: Int, from start: Int, count: Int) -> Tensor {
        Tensor.call("narrow", [self]) {
            tb_narrow($0, $1[0], Int64(axis), Int64(start), Int64(count))
        }
    }

    /// One index of an axis, which disappears; negative ones count from the end.
    public func select(_ axis: Int, _ index: Int) -> Tensor {
        Tensor.call("select", [self]) { tb_select($0, $1[0], Int64(axis), Int64(index)) }
    }

    /// The entries of an axis that an `int64` list names, `[N]`.
    public func gather(_ axis: Int, _ indices: Tensor) -> Tensor {
        Tensor.call("gather", [self, indices]) { tb_gather_rows($0, $1[0], Int64(axis), $1[1]) }
    }

    /// A new axis of size 1.
    public func unsqueeze(_ axis: Int) -> Tensor {
        Tensor.call("unsqueeze", [self]) { tb_unsqueeze($0, $1[0], Int64(axis)) }
    }

    /// An axis cut into equal parts.
    public func chunks(_ axis: Int, _ count: Int) -> [Tensor] {
        let width = size(axis) / max(count, 1)
        return (0..<count).map { narrow(axis, from: $0 * width, count: width) }
    }

    /// The tensor side by side with itself, so many times per axis.
    public func repeated(_ times: [Int]) -> Tensor {
        Tensor.call("repeat", [self]) { out, x in withDims(times) { tb_repeat(out, x[0], $0) } }
    }

    /// Padding in pairs (before, after), the last axis first.
    public func padded(_ amounts: [Int], _ mode: Padding = .zeros) -> Tensor {
        Tensor.call("pad", [self]) { out, x in
            withDims(amounts) { tb_pad(out, x[0], $0, mode.bridged, 0) }
        }
    }

    /// Tensors joined along an axis.
    public static func concatenate(_ tensors: [Tensor], axis: Int) -> Tensor {
        call("concatenate", tensors) { out, handles in
            withList(handles) { tb_concatenate(out, $0, Int64(axis)) }
        }
    }

    /// Tensors of one shape, side by side along a new axis.
    public static func stack(_ tensors: [Tensor], axis: Int = 0) -> Tensor {
        call("stack", tensors) { out, handles in
            withList(handles) { tb_stack(out, $0, Int64(axis)) }
        }
    }
}
