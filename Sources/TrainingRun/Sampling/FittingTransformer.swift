import LTXModel
import RunConfig
import Torch

/// A frozen transformer, with as much of it in host memory as the run file says or the device needs.
struct FittingTransformer {
    let checkpoint: Checkpoint
    let model: ModelSection
    let dtype: DType
    let device: Device

    /// Reads it; with `auto`, again with a larger share in host memory as long as memory runs out.
    func read(beginningWith share: Double) throws -> Transformer {
        var share = share
        while true {
            do {
                return try checkpoint.transformer(
                    dtype: dtype,
                    device: device,
                    quantization: model.transformerRules,
                    offloading: model.layerOffloading == .off
                        ? nil : BlockOffloading(device: device, share: share)
                )
            } catch let error as TorchError where error.kind == .outOfMemory {
                guard model.layerOffloading == .auto, share < 1 else { throw error }
                share = min(1, share + 0.25)
                try withTorchErrors { device.releaseCachedMemory() }
            }
        }
    }
}
