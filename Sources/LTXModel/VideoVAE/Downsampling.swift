import Torch

// Axes: B batch, C channels, T frames, H rows, W columns.

/// Moves neighbouring frames and pixels into channels, with an averaged shortcut beside it.
final class Downsampling {
    private let convolution: VideoConvolution
    private let outputCount: Int
    private let time: Int
    private let space: Int

    /// Reads `conv` below the scope.
    init(
        _ weights: WeightScope,
        _ inputCount: Int,
        _ outputCount: Int,
        time: Int,
        space: Int,
        padding: Padding
    ) {
        convolution = VideoConvolution(
            weights / "conv",
            inputCount,
            outputCount / (time * space * space),
            padding: padding,
            looksAhead: false
        )
        self.outputCount = outputCount
        self.time = time
        self.space = space
    }

    func callAsFunction(_ x: Tensor, _ history: FrameHistory) -> Tensor {
        let even =
            isFirst(history) && time > 1
            ? Tensor.concatenate([x.narrow(2, from: 0, count: 1), x], axis: 2) : x
        let shortcut = averaged(even.spaceToDepth(time: time, space: space))
        return convolution(even, history).spaceToDepth(time: time, space: space) + shortcut
    }

    /// The first piece holds 8k + 1 pictures, so one frame too few to be halved.
    private func isFirst(_ history: FrameHistory) -> Bool { history.tail(of: convolution) == nil }

    /// Means of neighbouring channels, as many as come out.
    private func averaged(_ x: Tensor) -> Tensor {
        let (batch, frames, rows, columns) = (x.size(0), x.size(2), x.size(3), x.size(4))
        return x.reshape(batch, outputCount, x.size(1) / outputCount, frames, rows, columns)
            .mean([2])
    }
}

extension Tensor {
    /// `[B, C, T·t, H·s, W·s]` to `[B, C·t·s·s, T, H, W]`; the channel is the slow index.
    func spaceToDepth(time: Int, space: Int) -> Tensor {
        let (batch, channels) = (size(0), size(1))
        let (frames, rows, columns) = (size(2) / time, size(3) / space, size(4) / space)
        return reshape(batch, channels, frames, time, rows, space, columns, space)
            .permute(0, 1, 3, 5, 7, 2, 4, 6)
            .reshape(batch, channels * time * space * space, frames, rows, columns)
    }

    /// `[B, C, T, H·p, W·p]` to `[B, C·p·p, T, H, W]`; a patch's column is slower than its row.
    func patchified(_ patch: Int) -> Tensor {
        let (batch, channels, frames) = (size(0), size(1), size(2))
        let (rows, columns) = (size(3) / patch, size(4) / patch)
        return reshape(batch, channels, frames, rows, patch, columns, patch)
            .permute(0, 1, 6, 4, 2, 3, 5)
            .reshape(batch, channels * patch * patch, frames, rows, columns)
    }
}
