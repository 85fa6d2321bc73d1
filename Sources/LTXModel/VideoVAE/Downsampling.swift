import Torch

// Axes: B batch, C channels, T frames, H rows, W columns.

/// Moves neighbouring frames and pixels into channels, with an averaged shortcut beside it.
final class Downsampling {
    private let convolution: VideoConvolution
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
        self.time = time
        self.space = space
    }

    func callAsFunction(_ x: Tensor, _ history: FrameHistory) -> Tensor {
        let even =
            isFirst(history) && time > 1
            ? Tensor.concatenate([x.narrow(2, from: 0, count: 1), x], axis: 2) : x
        return convolution(even, history).shrunk(time: time, space: space, adding: even)
    }

    /// The first piece holds 8k + 1 pictures, so one frame too few to be halved.
    private func isFirst(_ history: FrameHistory) -> Bool { history.tail(of: convolution) == nil }
}
