import CFileWriting
import Foundation
import Glibc

/// Brings a file to disk from its beginning to its end, beside whoever makes its bytes.
///
/// Bytes are collected in blocks. Full ones are written on a thread of their own and past the page cache where
/// the file system allows that: nothing is copied twice, no other file is driven out of the cache, and nearly
/// nothing is left for the last sync. A file of one block needs no thread.
final class BlockStream: @unchecked Sendable {
    // Safe because the lock is held around every access to `shared`; `current` belongs to whoever appends.
    private struct Shared {
        var free: [UnsafeMutableRawBufferPointer] = []
        var full: [(block: UnsafeMutableRawBufferPointer, offset: Int)] = []
        var allocated = 0
        var isEnding = false
        var isRunning = false
        var failure: Int32 = 0
    }

    private let descriptor: Int32
    private let blockSize: Int
    private let lock = NSCondition()
    private var shared = Shared()
    private var current: (block: UnsafeMutableRawBufferPointer, used: Int, offset: Int)?
    private var offset = 0

    private static let largestBlock = 4 << 20
    private static let mostBlocks = 4
    /// What direct writing wants memory, places and sizes to be multiples of.
    private static let alignment = 4096

    /// - Parameters:
    ///   - descriptor: a new file, open for writing until `finish` or `abandon` returned.
    ///   - size: how many bytes will come.
    init(descriptor: Int32, size: Int) {
        self.descriptor = descriptor
        blockSize = min(max(size, 1), Self.largestBlock)
    }

    deinit {
        for block in shared.free { block.deallocate() }
        for (block, _) in shared.full { block.deallocate() }
        current?.block.deallocate()
    }

    /// Appends bytes that are made where they will be written from.
    ///
    /// - Parameters:
    ///   - count: how many.
    ///   - fill: given ranges that follow each other from 0 to `count`, and room for each.
    /// - Throws: what `fill` throws; a `BlockStreamFailure` once the system refused a block.
    func append(
        _ count: Int,
        _ fill: (Range<Int>, UnsafeMutableRawBufferPointer) throws -> Void
    ) throws {
        var done = 0
        while done < count {
            var (block, used, place) = try currentBlock()
            let next = min(blockSize - used, count - done)
            let room = UnsafeMutableRawBufferPointer(rebasing: block[used..<used + next])
            try fill(done..<done + next, room)
            (used, done) = (used + next, done + next)
            current = (block, used, place)
        }
    }

    /// Waits until everything is written; what is left of the last block goes through the page cache.
    func finish() throws(BlockStreamFailure) {
        end(draining: true)
        try check()
        guard let (block, used, place) = current else { return }
        let rest = UnsafeRawBufferPointer(rebasing: block[..<used])
        let code = Self.write(rest, to: descriptor, at: place)
        guard code == 0 else { throw BlockStreamFailure(code: code) }
    }

    /// Forgets what is not yet written and waits until nothing is being written.
    func abandon() { end(draining: false) }

    // MARK: - Blocks

    /// The block that takes the next bytes, with room in it.
    private func currentBlock() throws -> (UnsafeMutableRawBufferPointer, Int, Int) {
        if let current, current.used < blockSize { return current }
        if let (block, _, place) = current {
            current = nil
            submit(block, at: place)
        }
        let found = (try freeBlock(), 0, offset)
        offset += blockSize
        current = found
        return found
    }

    private func freeBlock() throws -> UnsafeMutableRawBufferPointer {
        try lock.withLock {
            while shared.failure == 0 {
                if let block = shared.free.popLast() { return block }
                if shared.allocated < Self.mostBlocks {
                    shared.allocated += 1
                    return .allocate(byteCount: blockSize, alignment: Self.alignment)
                }
                lock.wait()
            }
            throw BlockStreamFailure(code: shared.failure)
        }
    }

    private func submit(_ block: UnsafeMutableRawBufferPointer, at place: Int) {
        lock.withLock {
            shared.full.append((block, place))
            lock.broadcast()
            guard !shared.isRunning else { return }
            shared.isRunning = true
            let thread = Thread { self.writeBlocks() }
            thread.name = "writing"
            thread.start()
        }
    }

    private func check() throws(BlockStreamFailure) {
        let code = lock.withLock { shared.failure }
        guard code == 0 else { throw BlockStreamFailure(code: code) }
    }

    private func end(draining: Bool) {
        lock.withLock {
            if !draining {
                shared.free += shared.full.map(\.block)
                shared.full = []
            }
            shared.isEnding = true
            lock.broadcast()
            while shared.isRunning { lock.wait() }
        }
    }

    // MARK: - The thread

    private func writeBlocks() {
        var isDirect = file_set_direct(descriptor, true) == 0
        while let (block, place) = nextFull() {
            var code = Self.write(UnsafeRawBufferPointer(block), to: descriptor, at: place)
            if code == EINVAL, isDirect {
                isDirect = false
                file_set_direct(descriptor, false)
                code = Self.write(UnsafeRawBufferPointer(block), to: descriptor, at: place)
            }
            // The system would begin only when told to sync. Where it refuses, that takes longer.
            if !isDirect { file_start_writing(descriptor, Int64(place), Int64(blockSize)) }
            giveBack(block, code)
        }
        file_set_direct(descriptor, false)
        lock.withLock {
            shared.isRunning = false
            lock.broadcast()
        }
    }

    private func nextFull() -> (UnsafeMutableRawBufferPointer, Int)? {
        lock.withLock {
            while shared.full.isEmpty, !shared.isEnding { lock.wait() }
            return shared.full.isEmpty ? nil : shared.full.removeFirst()
        }
    }

    private func giveBack(_ block: UnsafeMutableRawBufferPointer, _ code: Int32) {
        lock.withLock {
            shared.free.append(block)
            if code != 0, shared.failure == 0 { shared.failure = code }
            lock.broadcast()
        }
    }

    /// Writes everything, however often the system takes only a part.
    ///
    /// - Returns: 0 or what went wrong.
    static func write(
        _ bytes: UnsafeRawBufferPointer,
        to descriptor: Int32,
        at place: Int
    ) -> Int32 {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = pwrite(descriptor, rest.baseAddress, rest.count, off_t(place + done))
            if count < 0 && errno == EINTR { continue }
            guard count > 0 else { return count < 0 ? errno : EIO }
            done += count
        }
        return 0
    }
}

/// What the system said to a block, as in `errno`.
struct BlockStreamFailure: Error {
    let code: Int32
}
