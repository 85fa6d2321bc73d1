import NIOPosix

/// Work that takes long: decoding a clip, walking through folders.
///
/// It has threads of its own, so that a page full of thumbnails holds up neither other answers nor events.
enum SlowWork {
    private static let threads: NIOThreadPool = {
        let pool = NIOThreadPool(numberOfThreads: 2)
        pool.start()
        return pool
    }()

    /// Does it when a thread is free.
    static func `do`<Value: Sendable>(
        _ work: @escaping @Sendable () throws -> Value
    ) async throws -> Value {
        try await threads.runIfActive(work)
    }
}
