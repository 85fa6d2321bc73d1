import Torch

// Axes: B batch, C channels, T frames, H rows, W columns.

/// Moves channels into neighbouring frames and pixels, with the input itself beside it where asked.
final class Upsampling {
    private let convolution: VideoConvolution
    private let step: UpsamplingStep

    /// Reads `conv` below the scope.
    init(_ weights: WeightScope, _ inputCount: Int, _ step: UpsamplingStep, padding: Padding) {
        convolution = VideoConvolution(
            weights / "conv",
            inputCount,
            inputCount / step.divisor * step.size,
            padding: padding,
            looksAhead: true
        )
        self.step = step
    }

    func callAsFunction(_ x: Tensor, _ history: FrameHistory) -> Tensor {
        let inner = convolution(x, history)
        var larger = inner.depthToSpace(time: step.time, space: step.space)
        if step.isResidual {
            let plain = history.delayed(x, count: inner.size(2), in: self)
                .depthToSpace(time: step.time, space: step.space)
            larger = larger + plain.repeated([1, step.size / step.divisor, 1, 1, 1])
        }
        // The first latent frame stands for one picture: what would come before it is dropped.
        guard step.time > 1, larger.size(2) > 0, history.begins(self) else { return larger }
        return larger.narrow(2, from: 1, count: larger.size(2) - 1)
    }
}

extension Tensor {
    /// `[B, C·t·s·s, T, H, W]` to `[B, C, T·t, H·s, W·s]`; the channel is the slow index.
    func depthToSpace(time: Int, space: Int) -> Tensor {
        let (batch, channels) = (size(0), size(1) / (time * space * space))
        let (frames, rows, columns) = (size(2), size(3), size(4))
        return reshape(batch, channels, time, space, space, frames, rows, columns)
            .permute(0, 1, 5, 2, 6, 3, 7, 4)
            .reshape(batch, channels, frames * time, rows * space, columns * space)
    }

    /// `[B, C·p·p, T, H, W]` to `[B, C, T, H·p, W·p]`; a patch's column is slower than its row.
    func unpatchified(_ patch: Int) -> Tensor {
        let (batch, channels) = (size(0), size(1) / (patch * patch))
        let (frames, rows, columns) = (size(2), size(3), size(4))
        return reshape(batch, channels, patch, patch, frames, rows, columns)
            .permute(0, 1, 4, 5, 3, 6, 2)
            .reshape(batch, channels, frames, rows * patch, columns * patch)
    }
}
