import TorchBridge

// Axes: B batch, C channels, T frames, H rows, W columns, p side of a patch.

extension Tensor {
    /// Pictures `[B, C, T, H·p, W·p]` with their patches in channels: `[B, C·p·p, T, H, W]`, float32.
    ///
    /// A patch's column is slower than its row. Bytes become -1...1, floats are there already.
    public func patchified(_ side: Int) -> Tensor {
        Tensor.call("patches", [self]) { tb_picture_patches($0, $1[0], Int64(side)) }
    }

    /// SiLU of `[B, C, T, H, W]` divided by each pixel's root mean square, behind earlier frames.
    ///
    /// - Parameters:
    ///   - before: the `lead` frames before these, activated; without them the first is repeated.
    ///   - lead: how many frames come before.
    ///   - epsilon: added to the mean square.
    /// - Returns: `[B, C, lead + T, H, W]`.
    public func activatedFrames(after before: Tensor?, lead: Int, epsilon: Double) -> Tensor {
        Tensor.call("activatedFrames", [self] + [before].compactMap(\.self)) {
            tb_activated_frames($0, $1[0], $1.count > 1 ? $1[1] : nil, Int64(lead), epsilon)
        }
    }

    /// Moves neighbouring frames and pixels of `[B, C, T·t, H·s, W·s]` into channels.
    ///
    /// - Parameters:
    ///   - time: frames that become one.
    ///   - space: rows, and columns, that become one.
    ///   - other: is shrunk alike, averaged over neighbouring channels to as many, and added.
    /// - Returns: `[B, C·t·s·s, T, H, W]`; the channel is the slow index.
    public func shrunk(time: Int, space: Int, adding other: Tensor) -> Tensor {
        Tensor.call("shrunkFrames", [self, other]) {
            tb_shrunk_frames($0, $1[0], $1[1], Int64(time), Int64(space))
        }
    }

    /// `[B, C, T, H, W]` with the channels of a pixel side by side on a CPU, whose convolutions of few
    /// channels are faster so; the same values.
    public func channelsSideBySide() -> Tensor {
        Tensor.call("channelsSideBySide", [self]) { tb_channels_side_by_side($0, $1[0]) }
    }
}
