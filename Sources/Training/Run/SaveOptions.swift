public import Adapters
public import Torch

/// What a run keeps, and when.
public struct SaveOptions: Sendable {
    /// Steps between two saved adapters.
    public var every = 250
    /// Step adapters to keep; 0 keeps all.
    public var kept = 4
    /// Element type of saved adapters.
    public var dtype = DType.bfloat16
    /// Whether saved adapters are also written as files of face, voice and the rest.
    public var splits = false
    /// Metadata of saved adapters, beside step and epoch.
    public var metadata: [String: String] = [:]
    /// Names of a layer in files, without their ending; the first is the one that is read.
    public var names: AdapterFile.Names = AdapterFile.plainNames

    /// The defaults.
    public init() {}
}
