import Adapters
import Torch

/// The length of what one layer's adapter adds, and faults of its values.
struct LayerMeasure {
    /// `‖ΔW‖` with its scale, of a DoRA that of the low-rank part; nil where values are not finite.
    let norm: Double?
    /// Names of parts with values that are not finite.
    let broken: [String]

    /// Reads the layer.
    init(_ layer: LoRALayer) throws {
        let names = layer.parts.filter { !$0.isAlias && $0.name != "alpha" }.map(\.name)
        broken = try names.filter { name in
            let tensor = try layer.readUnchecked(name)
            return try withTorchErrors { !tensor.isFinite }
        }
        norm = broken.isEmpty ? try Self.norm(layer) : nil
    }

    /// `‖ΔW‖` of a layer.
    ///
    /// - Throws: `LoRAError` for values that are not finite.
    static func norm(_ layer: LoRALayer) throws -> Double {
        switch layer.kind {
        case .lora, .dora:
            let factors = try layer.factors(as: .float32)
            return try withTorchErrors { norm(factors.up, factors.down) * abs(factors.scale) }
        case .lokr:
            let record = try layer.record()
            return try withTorchErrors {
                let factors = (try record.product("lokr_w1"), try record.product("lokr_w2"))
                return length(factors.0) * length(factors.1) * abs(record.kroneckerScale)
            }
        case .loha:
            let parts = try ["hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"].map(layer.read)
            return try withTorchErrors {
                hadamard(parts.map { $0.to(.float32) }) * abs(layer.scale)
            }
        case .fullrank:
            let difference = try layer.read("diff")
            return try withTorchErrors { length(difference) }
        }
    }

    /// `‖B A‖` from the two r × r products `BᵀB` and `A Aᵀ`.
    private static func norm(_ up: Tensor, _ down: Tensor) -> Double {
        let left = up.transpose(0, 1).matmul(up).to(.float64)
        let right = down.matmul(down.transpose(0, 1)).to(.float64)
        return max((left * right).sum().item(), 0).squareRoot()
    }

    private static func length(_ x: Tensor) -> Double {
        let x = x.to(.float32)
        return (x * x).sum([1]).to(.float64).sum().item().squareRoot()
    }

    /// Some rows at a time: nothing smaller gives the norm of an elementwise product.
    private static func hadamard(_ parts: [Tensor]) -> Double {
        let rows = parts[0].size(0)
        let squares = stride(from: 0, to: rows, by: 1024).map { start -> Double in
            let count = min(1024, rows - start)
            let first = parts[0].narrow(0, from: start, count: count).matmul(parts[1])
            let second = parts[2].narrow(0, from: start, count: count).matmul(parts[3])
            let product = first * second
            return (product * product).sum().to(.float64).item()
        }
        return squares.reduce(0, +).squareRoot()
    }
}
