import Adapters
import LoRATools
import Torch

/// What an adapter adds to a matrix, said densely in float64: the definition that tools are held to.
func denseChange(_ layer: LoRALayer) throws -> Tensor {
    func part(_ name: String) throws -> Tensor { try layer.read(name).to(.float64) }
    return try withTorchErrors {
        switch layer.kind {
        case .lora, .dora: try part("lora_B").matmul(part("lora_A")) * layer.scale
        case .loha:
            try part("hada_w1_a").matmul(part("hada_w1_b"))
                * part("hada_w2_a").matmul(part("hada_w2_b")) * layer.scale
        case .lokr: try kronecker(part("lokr_w1"), secondFactor(layer, part)) * scale(of: layer)
        case .fullrank: try part("diff")
        }
    }
}

private func secondFactor(_ layer: LoRALayer, _ part: (String) throws -> Tensor) throws -> Tensor {
    guard layer.part("lokr_w2") == nil else { return try part("lokr_w2") }
    return try part("lokr_w2_a").matmul(part("lokr_w2_b"))
}

private func scale(of layer: LoRALayer) -> Double {
    layer.part("lokr_w2_b") == nil ? 1 : layer.scale
}

/// w1 ⊗ w2.
private func kronecker(_ first: Tensor, _ second: Tensor) -> Tensor {
    let (a, c, b, d) = (first.size(0), first.size(1), second.size(0), second.size(1))
    return (first.reshape(a, 1, c, 1) * second.reshape(1, b, 1, d)).reshape(a * b, c * d)
}

/// `‖x‖`, float64.
func length(_ x: Tensor) throws -> Double {
    try withTorchErrors { (x.to(.float64) * x.to(.float64)).sum().item().squareRoot() }
}
