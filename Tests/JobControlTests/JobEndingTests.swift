import Foundation
import RunStore
import Testing

@testable import JobControl

/// What ends mean that cannot be brought about here.
@Suite("Judging an end") struct JobEndingTests {
    private func job(step: Int = 5) -> Job {
        var job = Job(id: "a", name: "a", device: "cpu", folder: "/none", totalSteps: 9)
        job.step = step
        return job
    }

    private func record(status: Int32? = nil, signal: Int32? = nil, oomKills: Int = 0) -> EndRecord
    {
        EndRecord(
            exitStatus: status,
            signal: signal,
            peakBytes: 3 << 30,
            oomKills: oomKills,
            endedAt: Date()
        )
    }

    @Test("a kill while memory ran out is said with what to do")
    func memory() {
        let ending = JobEnding(record(signal: 9, oomKills: 1), of: job(), log: [], saved: 4)
        #expect(ending.state == .failed)
        #expect(
            ending.info
                == "the system ended it because memory ran out (it had 3.0 GiB); take fewer frames, a lower "
                + "resolution, a quantized model or layer_offloading; resuming goes on after step 4"
        )
    }

    @Test("our own kill is no failure, even if memory ran out elsewhere")
    func ours() {
        var job = job()
        job.killAskedAt = Date()
        #expect(
            JobEnding(record(signal: 9, oomKills: 1), of: job, log: [], saved: 4).state == .stopped
        )
    }

    @Test("a stop that was asked for and came about is one, although the keeper was gone before it")
    func wishedUnseen() {
        var job = job()
        func ending(_ saved: Int?) -> JobEnding {
            JobEnding(.keeperEnded, of: job, log: ["Go on with"], saved: saved)
        }
        #expect(ending(5).state == .failed)
        job.stopAskedAt = Date()
        #expect(ending(5).state == .stopped)
        #expect(ending(5).info == "stopped after step 5 of 9; resuming goes on after step 5")
        // It was asked to save its last step and did not: something went wrong.
        #expect(ending(4).state == .failed && ending(nil).state == .failed)
        job.killAskedAt = Date()
        #expect(ending(4).info == "ended at once, as asked; resuming goes on after step 4")
        #expect(JobEnding(.earlierBoot, of: job, log: [], saved: 5).state == .failed)
    }

    @Test("a stop while clips are prepared is told by the program's own words")
    func interrupted() {
        var job = job(step: 0)
        job.stopAskedAt = Date()
        let words =
            "error: clips: was stopped; what is made stays in the cache; start the run again to go on"
        let ending = JobEnding(record(status: 65), of: job, log: [words], saved: nil)
        #expect(ending.state == .stopped && ending.info == words)
        let other = JobEnding(record(status: 65), of: job, log: ["error: disk full"], saved: nil)
        #expect(other.state == .failed && other.info == "exit status 65: error: disk full")
    }

    @Test(
        "all steps done is completed although a stop was asked for; a stop from outside is a stop"
    )
    func counts() {
        var done = job(step: 9)
        done.stopAskedAt = Date()
        #expect(JobEnding(record(status: 0), of: done, log: [], saved: 9).state == .completed)
        let stopped = JobEnding(record(status: 0), of: job(), log: [], saved: 5)
        #expect(stopped.state == .stopped)
        #expect(stopped.info == "stopped after step 5 of 9; resuming goes on after step 5")
    }

    @Test("a process is told from a later one with its number")
    func identity() throws {
        let own = try #require(ProcessIdentity(pid: ProcessInfo.processInfo.processIdentifier))
        #expect(own.isAlive && !own.isOfEarlierBoot)
        let text =
            "{\"pid\":\(own.pid),\"startTicks\":\(own.startTicks + 1),\"bootID\":\"\(own.bootID)\"}"
        let later = try JSONDecoder().decode(ProcessIdentity.self, from: Data(text.utf8))
        #expect(!later.isAlive && !later.send(0))
        #expect(ProcessIdentity(pid: Int32.max) == nil)
    }
}
