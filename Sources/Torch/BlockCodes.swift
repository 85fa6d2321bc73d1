import TorchBridge

/// Numbers in 8 bits: 256 in a row share a scale, and each is a code of a map of 256 values.
///
/// The values of a map lie denser towards 0 (seven decades, more steps in the larger ones). The error of a
/// number is at most a 142nd of its block's largest magnitude with signs, a 284th without, and for numbers
/// within the upper decades far less.
///
/// - Source: "8-bit optimizers via block-wise quantization", Dettmers et al., 2022; the map is
///   bitsandbytes' `create_dynamic_map`.
public struct BlockCodes {
    /// Values that share a scale.
    public static let blockSize = 256
    private let map: Tensor
    private let isComposed: Bool

    /// Codes on a device.
    ///
    /// - Parameters:
    ///   - signed: whether numbers may be negative.
    ///   - device: where the numbers are.
    ///   - composed: whether LibTorch's own operations do it, as on accelerators, also on the CPU.
    public init(signed: Bool, device: Device, composed: Bool = false) {
        map = Tensor(Self.values(signed: signed)).to(on: device)
        isComposed = composed
    }

    /// Room for so many numbers, all of them 0: codes `[blocks, 256]`, scales `[blocks]`.
    public static func room(for count: Int, on device: Device) -> (codes: Tensor, scales: Tensor) {
        let blocks = (count + blockSize - 1) / blockSize
        return (
            .zeros([blocks, blockSize], dtype: .uint8, device: device),
            .zeros([blocks], device: device)
        )
    }

    /// The numbers that codes stand for, in the shapes of `shapes`, `float32`.
    public func read(_ codes: [Tensor], scales: [Tensor], shapes: [Tensor]) -> TensorList {
        TensorList.results("read blocks", count: codes.count, [codes, scales, shapes, [map]]) {
            guard let map = $0[3].values?.pointee else { return TB_OK }
            return tb_read_blocks($0[0], $0[1], $0[2], map, isComposed, $1)
        }
    }

    /// Keeps numbers as codes, in place.
    public func write(_ values: TensorList, codes: [Tensor], scales: [Tensor]) {
        TensorList.run("write blocks", [values.tensors, codes, scales, [map]]) {
            guard let map = $0[3].values?.pointee else { return TB_OK }
            return tb_write_blocks($0[0], $0[1], $0[2], map, isComposed)
        }
    }

    /// The 256 values of a map, ascending, from -0.99 or 0 to 1.
    static func values(signed: Bool) -> [Float] {
        var values: [Float] = [0, 1]
        for decade in 0..<7 {
            let count = (signed ? 1 : 2) << decade
            // As torch's linspace rounds, so that each value agrees with the original's.
            let bounds = Tensor.linspace(0.1, 1, count: count + 1).floats()
            let power = Float(Self.powers[decade])
            let means = zip(bounds, bounds.dropFirst()).map { ($0 + $1) / 2 * power }
            values += means + (signed ? means.map { -$0 } : [])
        }
        return values.sorted()
    }

    private static let powers = [1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1, 1]
}
