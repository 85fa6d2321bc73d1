import GRDB

/// A preview of a run.
public struct Sample: Sendable, Equatable, Codable {
    /// What a file is.
    public enum Kind: String, Sendable, Codable, CaseIterable {
        /// Moving pictures, with or without sound.
        case video
        /// One picture.
        case picture
        /// Sound alone.
        case sound
    }

    /// Steps finished when it was made; 0 is the base model.
    public var step: Int
    /// Place among the previews of this step.
    public var promptIndex: Int
    /// What the file is.
    public var kind: Kind
    /// Where the file lies.
    public var path: String
    /// What it shows.
    public var prompt: String
    /// Start of its noise.
    public var seed: Int
    /// Spectral voice distance to the held-out voice; nil where there is nothing to compare.
    public var voiceDistance: Double?
    /// A clip with the voice that it is compared with.
    public var voiceClip: String?

    /// A file and what it was made from.
    public init(
        step: Int,
        promptIndex: Int,
        kind: Kind,
        path: String,
        prompt: String,
        seed: Int,
        voiceDistance: Double? = nil,
        voiceClip: String? = nil
    ) {
        self.step = step
        self.promptIndex = promptIndex
        self.kind = kind
        self.path = path
        self.prompt = prompt
        self.seed = seed
        self.voiceDistance = voiceDistance
        self.voiceClip = voiceClip
    }

    init(_ row: Row) {
        step = row["step"]
        promptIndex = row["prompt_index"]
        kind = Kind(rawValue: row["kind"]) ?? .video
        path = row["path"]
        prompt = row["prompt"]
        seed = row["seed"]
        voiceDistance = row["voice_distance"]
        voiceClip = row["voice_clip"]
    }
}

/// Previews of runs.
public struct SampleStore: Sendable {
    let database: RunDatabase

    /// All previews of a job, by step and place.
    public func all(of job: String) throws -> [Sample] {
        try database.read { db in
            let sql = "SELECT * FROM samples WHERE job = ? ORDER BY step, prompt_index"
            return try Row.fetchAll(db, sql: sql, arguments: [job]).map(Sample.init)
        }
    }

    static func save(_ sample: Sample, job: String, _ db: Database) throws {
        try db.execute(
            sql: "INSERT OR REPLACE INTO samples VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            arguments: [
                job, sample.step, sample.promptIndex, sample.kind.rawValue, sample.path,
                sample.prompt, sample.seed, sample.voiceDistance, sample.voiceClip,
            ]
        )
    }
}
