import TorchBridge

/// What LibTorch refused: the operation, the shapes it was given, and which kind of trouble it is.
public struct TorchError: Error, Equatable, CustomStringConvertible {
    /// What a caller may want to react to.
    public enum Kind: Sendable { case outOfMemory, failed }

    /// Memory ran out, or anything else.
    public let kind: Kind
    /// Name of the operation, as in `Tensor`.
    public let operation: String
    /// Shapes of its tensors, in order.
    public let shapes: [[Int]]
    /// LibTorch's own words, first line.
    public let reason: String

    init(_ operation: String, _ status: tb_status, shapes: [[Int]]) {
        self.kind = status == TB_OUT_OF_MEMORY ? .outOfMemory : .failed
        self.operation = operation
        self.shapes = shapes
        self.reason =
            String(cString: tb_last_error()).split(separator: "\n").first.map(String.init) ?? ""
    }

    init(kind: Kind, operation: String, shapes: [[Int]] = [], reason: String) {
        self.kind = kind
        self.operation = operation
        self.shapes = shapes
        self.reason = reason
    }

    /// Reads `linear([1, 2], [3]): mat1 and mat2 shapes cannot be multiplied`.
    public var description: String {
        "\(operation)(\(shapes.map(\.description).joined(separator: ", "))): \(reason)"
    }
}

/// Keeps the first failure of a scope.
final class TorchErrorScope {
    @TaskLocal static var current: TorchErrorBox?

    static func record(_ error: TorchError) {
        guard let box = current else {
            preconditionFailure("\(error); tensor code must run inside `withTorchErrors`")
        }
        if box.first == nil { box.first = error }
    }
}

// Safe because a box never leaves the thread of the scope that made it: tensors do not either.
final class TorchErrorBox: @unchecked Sendable {
    var first: TorchError?
}

/// Runs tensor code and throws its first failure; what came after that failure was skipped.
public func withTorchErrors<R>(_ body: () throws -> R) throws -> R {
    let box = TorchErrorBox()
    let result = try TorchErrorScope.$current.withValue(box) {
        do {
            return try body()
        } catch {
            // Code that reads numbers may fail because of an earlier tensor failure: that one counts.
            throw box.first ?? error
        }
    }
    if let error = box.first { throw error }
    return result
}

/// Runs `body` and says whether it stayed free of failures so far (for loops that may stop early).
public var torchHasFailed: Bool { TorchErrorScope.current?.first != nil }
