import TorchBridge

extension Tensor {
    /// Elements of a Swift array, in row-major order.
    public convenience init(_ values: [Float], shape: [Int]? = nil) {
        self.init(copying: values, dtype: .float32, shape: shape ?? [values.count])
    }

    /// Whole numbers, `int64`.
    public convenience init(_ values: [Int], shape: [Int]? = nil) {
        self.init(copying: values.map(Int64.init), dtype: .int64, shape: shape ?? [values.count])
    }

    /// Elements given as bytes of the stated type; the bytes are copied.
    public convenience init(bytes: UnsafeRawBufferPointer, dtype: DType, shape: [Int]) {
        let made = Tensor.call("fromBytes", []) { out, _ in
            withDims(shape) {
                tb_from_bytes(out, bytes.baseAddress, bytes.count, dtype.bridged, $0)
            }
        }
        self.init(sharing: made)
    }

    private convenience init<Element>(copying values: [Element], dtype: DType, shape: [Int]) {
        let made = values.withUnsafeBytes { Tensor(bytes: $0, dtype: dtype, shape: shape) }
        self.init(sharing: made)
    }

    // A convenience initialiser must go through another one: a detached alias costs no copy.
    convenience init(sharing other: Tensor) {
        var result: OpaquePointer?
        Tensor.run("detach", [other]) { handles in tb_detach(&result, handles[0]) }
        self.init(adopting: result)
    }

    /// The same number everywhere.
    public static func full(
        _ shape: [Int],
        _ value: Double,
        dtype: DType = .float32,
        device: Device = .cpu
    ) -> Tensor {
        call("full", []) { out, _ in
            withDims(shape) { tb_full(out, $0, value, dtype.bridged, device.name) }
        }
    }

    /// Zeros.
    public static func zeros(
        _ shape: [Int],
        dtype: DType = .float32,
        device: Device = .cpu
    ) -> Tensor { full(shape, 0, dtype: dtype, device: device) }

    /// Zeros whose memory is taken when they are written, on a CPU: for what waits long before its first use.
    public static func zerosWhenWritten(
        _ shape: [Int],
        dtype: DType = .float32,
        device: Device = .cpu
    ) -> Tensor {
        call("zeros", []) { out, _ in
            withDims(shape) { tb_zeros_when_written(out, $0, dtype.bridged, device.name) }
        }
    }

    /// `start`, `start + step`, … below `end`.
    public static func range(
        from start: Double = 0,
        to end: Double,
        step: Double = 1,
        dtype: DType = .float32,
        device: Device = .cpu
    ) -> Tensor {
        call("range", []) { out, _ in tb_arange(out, start, end, step, dtype.bridged, device.name) }
    }

    /// `count` evenly spaced numbers, both ends included.
    public static func linspace(
        _ start: Double,
        _ end: Double,
        count: Int,
        dtype: DType = .float32,
        device: Device = .cpu
    ) -> Tensor {
        call("linspace", []) { out, _ in
            tb_linspace(out, start, end, Int64(count), dtype.bridged, device.name)
        }
    }
}

// MARK: - Conversions and reading

extension Tensor {
    /// In another type or on another device; itself where nothing changes.
    public func to(_ dtype: DType? = nil, on device: Device? = nil) -> Tensor {
        Tensor.call("to", [self]) { out, handles in
            tb_to(out, handles[0], dtype?.bridged ?? TB_UNKNOWN_TYPE, device?.name)
        }
    }

    /// The same in memory of its own, a copy if it was lent, in another type and place where they are given.
    public func copied(_ dtype: DType? = nil, on device: Device? = nil) -> Tensor {
        Tensor.call("copied", [self]) { out, handles in
            tb_copied(out, handles[0], dtype?.bridged ?? TB_UNKNOWN_TYPE, device?.name)
        }
    }

    /// With elements in row-major order.
    public func contiguous() -> Tensor {
        Tensor.call("contiguous", [self]) { tb_contiguous($0, $1[0]) }
    }

    /// A copy with memory of its own.
    public func clone() -> Tensor { Tensor.call("clone", [self]) { tb_clone($0, $1[0]) } }

    /// The same elements, without the record of how they were computed.
    public func detach() -> Tensor { Tensor.call("detach", [self]) { tb_detach($0, $1[0]) } }

    /// The value of a tensor of one element; not a number if it failed.
    public func item() -> Double {
        var value = Double.nan
        Tensor.run("item", [self]) { tb_item($0[0], &value) }
        return value
    }

    /// All elements as `Float`, in row-major order; empty if the tensor failed.
    public func floats() -> [Float] {
        let plain = to(.float32, on: .cpu)
        return plain.elements(Float.self)
    }

    /// All elements of an `int64` tensor.
    public func integers() -> [Int] { to(.int64, on: .cpu).elements(Int64.self).map(Int.init) }

    /// All bytes, in row-major order.
    public func bytes() -> [UInt8] { elements(UInt8.self, count: byteCount) }

    private func elements<T>(_: T.Type, count: Int? = nil) -> [T] {
        guard handle != nil else { return [] }
        let count = count ?? self.count
        return [T](unsafeUninitializedCapacity: count) { buffer, written in
            // Safe because C fills exactly the bytes asked for, or reports a failure.
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            let done = Tensor.run("read", [self]) {
                guard let base = bytes.baseAddress else { return TB_OK }
                return tb_read($0[0], base, count * MemoryLayout<T>.stride)
            }
            written = done ? count : 0
        }
    }
}
