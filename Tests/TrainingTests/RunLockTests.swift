import Foundation
import RunFiles
import Synchronization
import Testing

@Suite("Lock of a run's folder") struct RunLockTests {
    @Test("a refused lock closes its own file only: files that are opened meanwhile stay open")
    func refused() async {
        await #expect(processExitsWith: .success) {
            let path = FileManager.default.temporaryDirectory.path + "/lock-\(UUID().uuidString)"
            defer { try? FileManager.default.removeItem(atPath: path) }
            let folder = RunFolder(path: path, name: "run")
            let lock = try RunLock(folder)
            let lost = withExtendedLifetime(lock) {
                filesLost { #expect(throws: RunStateError.self) { try RunLock(folder) } }
            }
            #expect(lost == 0)
        }
    }
}

/// Files that are closed by somebody else while a thread opens and closes its own, and `body` runs again and again.
///
/// For a process of its own: nothing else may open files meanwhile.
private func filesLost(_ body: () -> Void) -> Int {
    let counter = LossCounter()
    counter.start()
    for _ in 0..<20_000 where counter.lost == 0 { body() }
    return counter.end()
}

private final class LossCounter: Sendable {
    private let count = Mutex(0)
    private let isOver = Mutex(false)
    private let hasEnded = DispatchSemaphore(value: 0)

    var lost: Int { count.withLock(\.self) }

    func start() {
        Thread.detachNewThread { [self] in
            while !isOver.withLock(\.self) {
                let files = (0..<8).map { _ in open("/dev/null", O_RDONLY) }
                for file in files where close(file) != 0 { count.withLock { $0 += 1 } }
            }
            hasEnded.signal()
        }
    }

    func end() -> Int {
        isOver.withLock { $0 = true }
        hasEnded.wait()
        return lost
    }
}
