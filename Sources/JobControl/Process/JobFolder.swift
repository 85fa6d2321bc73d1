public import Foundation

/// The studio's own folder of a job: what its process is given and what it leaves behind.
public struct JobFolder: Sendable, Equatable {
    /// The path, `home/jobs/ID`.
    public let path: String

    /// Names a folder; nothing is made yet.
    public init(path: String) { self.path = path }

    /// The run file as it was started.
    public var runFile: String { "\(path)/run.yaml" }
    /// Output and errors of its process.
    public var log: String { "\(path)/log.txt" }
    /// What is at work.
    public var process: String { "\(path)/process.json" }
    /// How it ended.
    public var ended: String { "\(path)/ended.json" }

    /// What is at work, or was; nil if nothing began.
    public var begun: ProcessRecord? { read(process) }

    /// How the last process ended; nil while it has not, or if nobody saw it.
    public var ending: EndRecord? { read(ended) }

    private func read<T: Decodable>(_ path: String) -> T? {
        guard let data = FileManager.default.contents(atPath: path) else { return nil }
        return try? JSONDecoder().decode(T.self, from: data)
    }

    /// Replaces a file in one step.
    func write(_ content: some Encodable, to path: String) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
        try encoder.encode(content).write(to: URL(fileURLWithPath: path), options: .atomic)
    }
}

/// `process.json`: a job's process and the one that watches over it.
public struct ProcessRecord: Codable, Equatable, Sendable {
    /// The training process; nil until it is started.
    public var trainer: ProcessIdentity?
    /// Its keeper.
    public var keeper: ProcessIdentity
    /// When it was started.
    public var startedAt: Date
}

/// `ended.json`: how a job's process ended.
public struct EndRecord: Codable, Equatable, Sendable {
    /// What it returned; nil if a signal ended it or it never began.
    public var exitStatus: Int32?
    /// The signal that ended it.
    public var signal: Int32?
    /// Most memory that it had, in bytes.
    public var peakBytes: Int
    /// Processes that the system ended meanwhile because memory ran out.
    public var oomKills: Int
    /// When it ended.
    public var endedAt: Date
    /// Why it never began.
    public var problem: String?
}
