import LTXModel
import Safetensors
import Torch

extension LayerMerge {
    /// The sum of DoRAs, or of DoRAs and LoRAs, as a DoRA.
    func added(_ support: MergeSupport) throws -> LayerResult {
        let name = path + ".weight"
        guard let source = support.base.first(where: { $0.shape(of: name) != nil }) else {
            throw LoRAError(
                at: path,
                "is not in the base model, should be there to add a DoRA",
                fix: "give the model that the adapters were trained on with --base"
            )
        }
        let weight = try source.load(name)
        guard weight.dtype.isFloatingPoint, weight.dtype.byteWidth > 1,
            weight.shape == [shares[0].layer.outputCount, shares[0].layer.inputCount]
        else {
            throw LoRAError(
                at: path,
                "is \(weight.dtype.stored.rawValue) \(weight.shape) in the base model, should be a float of 16 "
                    + "bits or more of the adapter's shape",
                fix: "use the bf16 checkpoint that the adapters were trained on"
            )
        }
        let thin = try shares.map { try $0.layer.thinFactors(kronecker: support.kroneckerRank) }
        let parts = try zip(shares, thin).map { share, thin in
            MagnitudeMerge.Part(
                thin.factors,
                magnitude: try share.layer.rowMagnitude(),
                weight: share.weight
            )
        }
        let base = weight.to(.float32)
        let sum = MagnitudeMerge(parts, on: base)
        let tensors = [
            try stored(sum.down, "lora_A"), try stored(sum.up, "lora_B"),
        ]
        let lengths = [
            try stored(sum.overBase(base), "dora_scale", as: .float32),
            try stored(sum.magnitude, "magnitude", as: .float32),
        ]
        var row = LayerMeasures(shares[0].layer, live: shares.count)
        (row.truncations, row.isMagnitude) = (truncations(thin), true)
        return LayerResult(tensors: tensors + alpha + lengths, measures: row)
    }
}
