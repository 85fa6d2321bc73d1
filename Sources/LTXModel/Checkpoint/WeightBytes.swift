import Safetensors
public import Torch

extension Checkpoint {
    /// Bytes of the transformer's weights once they are read, from headers alone.
    public func transformerBytes(dtype: DType, quantization: QuantizationRules?) throws -> Int {
        let weights = try weights(.transformer)
        return weights.names.reduce(0) { sum, name in
            sum + weights.bytes(of: name, dtype, quantization)
        }
    }
}

extension Checkpoint {
    /// Bytes of the linear layers of each block, which is what can live in host memory.
    public func blockBytes(dtype: DType, quantization: QuantizationRules?) throws -> [Int] {
        let weights = try weights(.transformer)
        var sums = Array(repeating: 0, count: try transformerConfiguration.blockCount)
        for name in weights.names where !name.contains("norm") && !name.contains("table") {
            let parts = name.split(separator: ".", maxSplits: 2)
            guard parts.first == "transformer_blocks", parts.count > 2, let block = Int(parts[1]),
                sums.indices.contains(block)
            else { continue }
            sums[block] += weights.bytes(of: name, dtype, quantization)
        }
        return sums
    }
}

extension FileWeights {
    fileprivate func bytes(of name: String, _ dtype: DType, _ rules: QuantizationRules?) -> Int {
        guard let info = info(name) else { return 0 }
        let layer = name.hasSuffix(".weight") && info.shape.count == 2 ? name.dropLast(7) : nil
        let isCoded = info.dtype.bitWidth == 8
        let format = layer.flatMap { rules?.format(of: String($0)) }
        if let format, !isCoded || format.bits < 8 {
            return format.byteCount(rows: info.shape[0], columns: info.shape[1])
        }
        if name.hasSuffix(".weight_scale") || name.hasSuffix(".scale_weight") {
            return info.byteCount
        }
        // Codes of a matrix stay codes; of anything else they become numbers.
        return isCoded && layer != nil ? info.byteCount : info.elementCount * dtype.byteWidth
    }
}
