import Torch

extension AdapterRecord {
    /// The adapter that a file holds for a layer, of the file's kind and sizes, without gradients.
    ///
    /// LoRA and whole differences are kept in the layer's type of activations, the rest in float32.
    ///
    /// - Throws: `AdapterMismatch` if parts are missing, or are for a layer of other sizes.
    func frozen(for layer: Linear, device: Device, activations: DType)
        throws(AdapterMismatch) -> any TrainableAdapter
    {
        let adapter = try empty(for: layer, device: device, activations: activations)
        try adapter.begin(with: self)
        for parameter in adapter.parameters { parameter.requiresGradient = false }
        return adapter
    }

    private func empty(for layer: Linear, device: Device, activations: DType)
        throws(AdapterMismatch) -> any TrainableAdapter
    {
        func zeros(_ rows: Int, _ columns: Int, _ dtype: DType) -> Tensor {
            .zeros([rows, columns], dtype: dtype, device: device)
        }
        let (input, output) = (layer.inputCount, layer.outputCount)
        switch kind {
        case .lora:
            let rank = try tensor("lora_A").size(0)
            return LowRankAdapter(
                down: zeros(rank, input, activations),
                up: zeros(output, rank, activations)
            )
        case .dora:
            let rank = try tensor("lora_A").size(0)
            return MagnitudeAdapter(
                for: layer,
                down: zeros(rank, input, .float32),
                up: zeros(output, rank, .float32),
                activations: activations
            )
        case .loha:
            let rank = try tensor("hada_w1_a").size(-1)
            return HadamardAdapter(
                first: (zeros(output, rank, .float32), zeros(rank, input, .float32)),
                second: (zeros(output, rank, .float32), zeros(rank, input, .float32))
            )
        case .lokr:
            let (first, second) = (try product("lokr_w1"), try product("lokr_w2"))
            let shape = KroneckerShape(first.shape, second.shape)
            guard let shape, shape.a * shape.b == output, shape.c * shape.d == input else {
                throw mismatch(
                    "has factors \(first.shape) and \(second.shape), should multiply to "
                        + "[\(output), \(input)]",
                    nil
                )
            }
            return KroneckerAdapter(shape: shape, device: device)
        case .fullrank:
            return FullDifferenceAdapter(difference: zeros(output, input, activations))
        case nil:
            throw mismatch("has no parts of a known kind", nil)
        }
    }
}
