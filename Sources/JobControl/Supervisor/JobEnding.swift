import Foundation
import RunFiles
import RunStore

#if canImport(Glibc)
import Glibc
#endif

/// What the end of a job's process means, in words.
struct JobEnding: Equatable {
    var state: JobState
    var info: String

    /// Judges an end that the keeper saw.
    ///
    /// - Parameters:
    ///   - end: how the process ended.
    ///   - job: as it stood.
    ///   - log: last lines of its output, oldest first.
    ///   - saved: step of the newest saved state.
    init(_ end: EndRecord, of job: Job, log: [String], saved: Int?) {
        let hint = Self.hint(saved)
        if let problem = end.problem {
            self.init(state: .failed, info: problem)
        } else if let signal = end.signal {
            self.init(signal: signal, end, of: job, hint: hint)
        } else {
            self.init(status: end.exitStatus ?? -1, of: job, log: log, hint: hint)
        }
    }

    /// Judges an end that nobody saw.
    init(_ unseen: JobProcess.Unseen, of job: Job, log: [String], saved: Int?) {
        let isDone = RunFolder(path: job.folder, name: job.name).holdsResult(since: job.startedAt)
        if unseen == .keeperEnded, isDone, job.step >= job.totalSteps {
            self.init(state: .completed, info: "")
            return
        }
        let hint = Self.hint(saved)
        if unseen == .keeperEnded, let wished = Self.wished(job, saved) {
            self.init(state: .stopped, info: "\(wished); \(hint)")
            return
        }
        let said = log.last.map { "; its last line was \"\($0)\"" } ?? ""
        switch unseen {
        case .earlierBoot:
            self.init(
                state: .failed,
                info: "the machine was started anew while the job was at work; \(hint)"
            )
        case .keeperEnded:
            self.init(
                state: .failed,
                info:
                    "the process has ended, and its keeper before it, so nobody saw how\(said); \(hint)"
            )
        case .neverBegan:
            self.init(
                state: .failed,
                info: "the keeper ended before the process began\(said); start the job again"
            )
        }
    }

    /// What was asked for and has come about, by what can be seen: nobody has to see the end itself then.
    private static func wished(_ job: Job, _ saved: Int?) -> String? {
        if job.killAskedAt != nil { return "ended at once, as asked" }
        guard job.stopAskedAt != nil, let saved, saved >= job.step else { return nil }
        return "stopped after step \(saved) of \(job.totalSteps)"
    }

    private init(state: JobState, info: String) {
        self.state = state
        self.info = info
    }

    private init(signal: Int32, _ end: EndRecord, of job: Job, hint: String) {
        let isOurs = job.killAskedAt != nil && signal == SIGKILL
        let name = "signal \(signal), \(String(cString: strsignal(signal)))"
        let peak = String(format: "%.1f GiB", Double(end.peakBytes) / Double(1 << 30))
        if isOurs {
            self.init(state: .stopped, info: "ended at once, as asked; \(hint)")
        } else if signal == SIGKILL, end.oomKills > 0 {
            self.init(
                state: .failed,
                info:
                    "the system ended it because memory ran out (it had \(peak)); take fewer frames, a lower "
                    + "resolution, a quantized model or layer_offloading; \(hint)"
            )
        } else if job.stopAskedAt != nil, [SIGINT, SIGTERM].contains(signal) {
            self.init(state: .stopped, info: "stopped before the first step; \(hint)")
        } else {
            self.init(
                state: .failed,
                info: "ended from outside or by a fault (\(name)); \(hint)"
            )
        }
    }

    private init(status: Int32, of job: Job, log: [String], hint: String) {
        let said = String(log.joined(separator: " / ").suffix(600))
        let wasAsked = job.stopAskedAt != nil
        // The program's own word for having been stopped while it prepared.
        let isInterrupted = log.last?.contains(": was stopped;") == true
        if status == 0, job.step >= job.totalSteps {
            self.init(state: .completed, info: "")
        } else if status == 0 {
            self.init(
                state: .stopped,
                info: "stopped after step \(job.step) of \(job.totalSteps); \(hint)"
            )
        } else if isInterrupted || (wasAsked && status == 130) {
            self.init(state: .stopped, info: isInterrupted ? said : "ended at once; \(hint)")
        } else {
            let words = said.isEmpty ? "it said nothing" : said
            self.init(state: .failed, info: "exit status \(status): \(words)")
        }
    }

    private static func hint(_ saved: Int?) -> String {
        guard let saved else { return "no state was saved: starting begins with the first step" }
        return "resuming goes on after step \(saved)"
    }
}

extension RunFolder {
    /// Whether the finished run's adapter was written since a time.
    fileprivate func holdsResult(since start: Date?) -> Bool {
        let facts = try? FileManager.default.attributesOfItem(atPath: adapter)
        guard let written = facts?[.modificationDate] as? Date else { return false }
        return start.map { written >= $0 } ?? true
    }
}
