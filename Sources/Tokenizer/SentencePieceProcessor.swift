import CSentencePiece

/// libsentencepiece's processor for one loaded model.
///
/// Safe because the processor is not changed after loading, and encoding does not change it.
final class SentencePieceProcessor: @unchecked Sendable {
    /// What libsentencepiece says about a failure.
    struct Failure: Error {
        let reason: String

        /// The reason of the failure that this thread has just met.
        static var last: Failure { Failure(reason: String(cString: csp_last_error())) }
    }

    private let handle: OpaquePointer

    /// Loads a serialised model.
    init(model: [UInt8]) throws(Failure) {
        // Safe because the library copies what it keeps.
        let opened = model.withUnsafeBufferPointer {
            csp_open($0.baseAddress, $0.count)
        }
        guard let opened else { throw .last }
        handle = opened
    }

    deinit { csp_close(handle) }

    /// Ids of a UTF-8 text, without begin and end.
    func encode(_ text: ArraySlice<UInt8>) throws(Failure) -> [Int32] {
        var ids: UnsafeMutablePointer<Int32>?
        var count = 0
        // Safe because the text lives until the call returns and the ids are copied before the free.
        let succeeded = withExtendedLifetime(self) {
            text.withUnsafeBufferPointer {
                csp_encode(handle, $0.baseAddress, $0.count, &ids, &count)
            }
        }
        guard succeeded == 1 else { throw .last }
        defer { csp_free_ids(ids) }
        return Array(UnsafeBufferPointer(start: ids, count: count))
    }
}
