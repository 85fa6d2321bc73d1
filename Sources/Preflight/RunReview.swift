import Foundation
public import TrainingRun

/// A run, looked at before training: what `likeness check --json` prints.
///
/// Fields whose value is not known are absent.
public struct RunReview: Codable, Sendable, Equatable {
    /// Number of this form; it grows when fields change their meaning.
    public var schema = 1
    /// Name of the run.
    public var run: String
    /// The model, as the plan names it.
    public var model: String
    /// The text encoder, as the run file names it.
    public var textEncoder: String
    /// Whether all models are on this machine.
    public var modelsAreHere: Bool
    /// Where training would happen.
    public var device: String
    /// Seconds of speech that are trained on.
    public var usableSpeechSeconds: Double
    /// Clips that bring sound, of those that should.
    public var clipsWithSound: Int
    /// Clips and images that the character is learned from.
    public var clipCount: Int
    /// Clips that are measured and never trained on.
    public var heldOutCount: Int
    /// Share of clips with sound whose captions hold spoken words.
    public var transcriptShare: Double
    /// Bytes that training takes, about; nil without the model.
    public var memoryBytes: Int?
    /// Bytes of memory that the device has; nil if unknown.
    public var deviceBytes: Int?
    /// How long it takes, about; nil without the model.
    public var time: TimeEstimate?
    /// What the audio VAE makes of the clips' sound; nil if it was not asked.
    public var decodeBack: DecodeBack?
    /// Whether the face is learned.
    public var face: Verdict
    /// Whether the voice is learned.
    public var voice: Verdict
    /// The reasons, and whatever else is to be known of the run.
    public var remarks: [Remark]
    /// The clips.
    public var clips: [ClipReview]
    /// Files that are not used, and why.
    public var refused: [String]

    /// Names of fields in JSON are in snake case.
    public func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.keyEncodingStrategy = .convertToSnakeCase
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Whether something that the run file asks for will not be learned.
    public var isHopeless: Bool { face == .no || voice == .no }
}
