/// What layers were seen to read while each adapter of a merge was active, wherever it is kept.
protocol MeasuredInputs: Sendable {
    /// Statistics of a layer.
    ///
    /// - Parameters:
    ///   - path: the layer's name in the checkpoint.
    ///   - adapters: numbers of the adapters that take part there.
    ///   - factors: their B and A, in the same order.
    /// - Returns: nil if the layer was not seen with all of them.
    /// - Throws: `LoRAError` for what does not fit the factors; what reading throws.
    func statistics(
        of path: String,
        _ adapters: [Int],
        _ factors: [LowRankFactors]
    ) throws -> LayerStatistics?
}
