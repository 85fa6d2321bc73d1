public import ModelHub
import Sampling

/// What happens while samples are made, for whoever shows it.
public enum SampleEvent: Sendable {
    /// A model file is being downloaded.
    case downloading(DownloadProgress)
    /// Prompts are encoded: number and how many there are.
    case encodingText(Int, of: Int)
    /// Weights are read from disk.
    case reading(String)
    /// Adapter files are in use, on so many layers.
    case applied(layers: Int)
    /// A denoising step is done.
    case step(Int, of: Int, sample: SamplePlace)
    /// So many pictures are decoded.
    case decoded(Int, of: Int, sample: SamplePlace)
    /// Files were written.
    case written([String], sample: SamplePlace)
    /// Something the user should read.
    case notice(String)
}

/// Which sample of a job is meant.
public struct SamplePlace: Sendable, Equatable {
    /// From 1.
    public let number: Int
    /// How many there are.
    public let count: Int
    /// Whether the base model makes it, to compare with.
    public let isBase: Bool
}
