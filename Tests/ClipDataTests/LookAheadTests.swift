import Foundation
import Synchronization
import Testing

@testable import ClipData

@Suite struct LookAheadTests {
    @Test("outputs come in the order of the inputs, and then nothing")
    func order() {
        let ahead = LookAhead(Array(0..<200), depth: 2) { $0 * $0 }
        #expect((0..<200).allSatisfy { ahead.next() == $0 * $0 })
        #expect(ahead.next() == nil)
        #expect(ahead.next() == nil)
    }

    @Test("no more work is begun than the depth allows")
    func bounded() {
        let begun = Mutex(0)
        let ahead = LookAhead(Array(0..<20), depth: 2) { input in
            begun.withLock { $0 += 1 }
            return input
        }
        for taken in 0..<20 {
            #expect(begun.withLock { $0 } <= taken + 2)
            _ = ahead.next()
        }
    }

    @Test("after stopping nothing comes and no further work is begun")
    func stopped() {
        let begun = Mutex(0)
        let ahead = LookAhead(Array(0..<1000), depth: 2) { input in
            begun.withLock { $0 += 1 }
            return input
        }
        _ = ahead.next()
        ahead.stop()
        #expect(ahead.next() == nil)
        #expect(begun.withLock { $0 } <= 4)
    }
}
