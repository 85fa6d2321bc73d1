import Foundation
import NIOConcurrencyHelpers
import RunStore

/// All jobs as JSON.
///
/// Of a thousand jobs nearly all are as they were when somebody last asked: their texts are kept.
final class JobList: Sendable {
    private struct Entry {
        let job: Job
        let place: JobPlace
        let text: Data
    }

    private let roots: Roots
    private let known = NIOLockedValueBox<[String: Entry]>([:])

    init(roots: Roots) { self.roots = roots }

    /// `{"jobs": […], "queues": […]}`.
    func json(_ jobs: [Job], _ queues: [DeviceQueue]) throws -> Data {
        // Jobs that are gone are not remembered for ever.
        known.withLockedValue { if $0.count > 2 * jobs.count + 64 { $0 = [:] } }
        var text = Data(#"{"jobs":["#.utf8)
        for (index, job) in jobs.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text.append(try self.text(of: job))
        }
        text += Data(#"],"queues":"#.utf8)
        text += try Self.encoder().encode(queues)
        text.append(UInt8(ascii: "}"))
        return text
    }

    private func text(of job: Job) throws -> Data {
        let old = known.withLockedValue { $0[job.id] }.flatMap { $0.job == job ? $0 : nil }
        let place = JobPlace(job, roots: roots, known: old?.place.folder)
        if let old, old.place == place { return old.text }
        let text = try Self.encoder().encode(JobAnswer(job, place: place))
        known.withLockedValue { $0[job.id] = Entry(job: job, place: place, text: text) }
        return text
    }

    private static func encoder() -> JSONEncoder {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.withoutEscapingSlashes, .sortedKeys]
        encoder.dateEncodingStrategy = .iso8601
        return encoder
    }
}
