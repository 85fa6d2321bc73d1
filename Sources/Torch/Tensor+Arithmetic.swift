import TorchBridge

extension Tensor {
    /// Elementwise sum, with broadcasting.
    public static func + (x: Tensor, y: Tensor) -> Tensor {
        call("add", [x, y]) { tb_add($0, $1[0], $1[1], 1) }
    }

    /// Elementwise difference, with broadcasting.
    public static func - (x: Tensor, y: Tensor) -> Tensor {
        call("subtract", [x, y]) { tb_add($0, $1[0], $1[1], -1) }
    }

    /// Elementwise product, with broadcasting.
    public static func * (x: Tensor, y: Tensor) -> Tensor {
        call("multiply", [x, y]) { tb_multiply($0, $1[0], $1[1]) }
    }

    /// Elementwise quotient, with broadcasting.
    public static func / (x: Tensor, y: Tensor) -> Tensor {
        call("divide", [x, y]) { tb_divide($0, $1[0], $1[1]) }
    }

    /// Adds a number to every element.
    public static func + (x: Tensor, y: Double) -> Tensor {
        call("add", [x]) { tb_add_number($0, $1[0], y) }
    }

    /// Subtracts a number from every element.
    public static func - (x: Tensor, y: Double) -> Tensor { x + -y }

    /// Multiplies every element by a number.
    public static func * (x: Tensor, y: Double) -> Tensor {
        call("multiply", [x]) { tb_multiply_number($0, $1[0], y) }
    }

    /// Divides every element by a number.
    public static func / (x: Tensor, y: Double) -> Tensor { x * (1 / y) }

    /// Every element with the other sign.
    public static prefix func - (x: Tensor) -> Tensor {
        call("negate", [x]) { tb_negate($0, $1[0]) }
    }

    /// `self + y · z` in one pass, with broadcasting.
    public func adding(_ y: Tensor, times z: Tensor) -> Tensor {
        Tensor.call("addProduct", [self, y, z]) { tb_add_product($0, $1[0], $1[1], $1[2]) }
    }

    /// `eˣ`.
    public func exp() -> Tensor { Tensor.call("exp", [self]) { tb_exponential($0, $1[0]) } }

    /// Natural logarithm.
    public func log() -> Tensor { Tensor.call("log", [self]) { tb_logarithm($0, $1[0]) } }

    /// Square root.
    public func squareRoot() -> Tensor {
        Tensor.call("squareRoot", [self]) { tb_square_root($0, $1[0]) }
    }

    /// `1 / √x`.
    public func reciprocalSquareRoot() -> Tensor {
        Tensor.call("reciprocalSquareRoot", [self]) { tb_reciprocal_square_root($0, $1[0]) }
    }

    /// Sine of radians.
    public func sin() -> Tensor { Tensor.call("sin", [self]) { tb_sine($0, $1[0]) } }

    /// Cosine of radians.
    public func cos() -> Tensor { Tensor.call("cos", [self]) { tb_cosine($0, $1[0]) } }

    /// Magnitude.
    public func absolute() -> Tensor { Tensor.call("absolute", [self]) { tb_absolute($0, $1[0]) } }

    /// Logistic function.
    public func sigmoid() -> Tensor { Tensor.call("sigmoid", [self]) { tb_sigmoid($0, $1[0]) } }

    /// Hyperbolic tangent.
    public func tanh() -> Tensor { Tensor.call("tanh", [self]) { tb_tanh($0, $1[0]) } }

    /// `x · sigmoid(x)`.
    public func silu() -> Tensor { Tensor.call("silu", [self]) { tb_silu($0, $1[0]) } }

    /// GELU in its tanh approximation.
    public func gelu() -> Tensor { Tensor.call("gelu", [self]) { tb_gelu_tanh($0, $1[0]) } }

    /// Every element to a power.
    public func power(_ exponent: Double) -> Tensor {
        Tensor.call("power", [self]) { tb_power($0, $1[0], exponent) }
    }

    /// Every element moved into `low...high`.
    public func clamped(_ low: Double, _ high: Double) -> Tensor {
        Tensor.call("clamp", [self]) { tb_clamp($0, $1[0], low, high) }
    }

    /// Elementwise larger one.
    public func maximum(_ other: Tensor) -> Tensor {
        Tensor.call("maximum", [self, other]) { tb_maximum($0, $1[0], $1[1]) }
    }
}

// MARK: - In place

extension Tensor {
    /// Overwrites the elements; shapes must agree, types are converted.
    public func copy(from source: Tensor) {
        Tensor.run("copy", [self, source]) { tb_copy_into($0[0], $0[1]) }
    }

    /// Adds `factor · other` to the elements.
    public func add(_ other: Tensor, factor: Double = 1) {
        Tensor.run("addInPlace", [self, other]) { tb_add_into($0[0], $0[1], factor) }
    }

    /// Multiplies the elements.
    public func scale(by factor: Double) {
        Tensor.run("scaleInPlace", [self]) { tb_scale_into($0[0], factor) }
    }
}

// MARK: - Reductions

extension Tensor {
    /// Sum over some axes, or over all.
    public func sum(_ axes: [Int] = [], keep: Bool = false) -> Tensor {
        Tensor.call("sum", [self]) { out, x in withDims(axes) { tb_sum(out, x[0], $0, keep) } }
    }

    /// Mean over some axes, or over all.
    public func mean(_ axes: [Int] = [], keep: Bool = false) -> Tensor {
        Tensor.call("mean", [self]) { out, x in withDims(axes) { tb_mean(out, x[0], $0, keep) } }
    }

    /// Largest element over some axes, or over all.
    public func largest(_ axes: [Int] = [], keep: Bool = false) -> Tensor {
        Tensor.call("largest", [self]) { out, x in
            withDims(axes) { tb_largest(out, x[0], $0, keep) }
        }
    }

    /// Smallest element over some axes, or over all.
    public func smallest(_ axes: [Int] = [], keep: Bool = false) -> Tensor {
        Tensor.call("smallest", [self]) { out, x in
            withDims(axes) { tb_smallest(out, x[0], $0, keep) }
        }
    }

    /// Whether no element is infinite or not a number.
    public var isFinite: Bool {
        Tensor.call("isFinite", [self]) { tb_is_finite($0, $1[0]) }.item() == 1
    }

    /// √Σx² over the elements of all tensors, in float32, a single number.
    public static func totalNorm(_ tensors: [Tensor]) -> Tensor {
        call("totalNorm", tensors) { out, handles in withList(handles) { tb_total_norm(out, $0) } }
    }

    /// Largest difference to a tensor of the same shape, as a share of that tensor's largest magnitude.
    ///
    /// The measure of all parity tests; infinite when shapes differ.
    public func relativeDifference(from reference: Tensor) -> Double {
        guard shape == reference.shape else { return .infinity }
        let reference = reference.to(.float64, on: .cpu)
        let largest = max(reference.absolute().largest().item(), 1e-30)
        return (to(.float64, on: .cpu) - reference).absolute().largest().item() / largest
    }
}
