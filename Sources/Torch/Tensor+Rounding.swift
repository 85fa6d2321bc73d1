import TorchBridge

extension Tensor {
    /// Takes over float32 values in bfloat16, each rounded up or down by chance.
    ///
    /// The nearer neighbour is the likelier one, so that the mean of many roundings is the value itself and
    /// changes smaller than a rounding step are not lost. The same `seed` gives the same bits on one kind of
    /// device; nothing else that draws random numbers notices.
    public func copy(rounding values: Tensor, seed: UInt64) {
        Tensor.run("copyRounding", [self, values]) { tb_copy_rounding($0[0], $0[1], seed) }
    }
}
