/// Why a merge method cannot do a layer.
public enum MergeError: Error, Equatable {
    /// It needs what adapters read while they are active, and that was not measured for this layer.
    case noStatistics
}
