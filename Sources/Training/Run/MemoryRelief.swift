public import Torch

/// What can be done when memory does not suffice.
public protocol MemoryRelief: AnyObject {
    /// Frees some and says what was done; nil if nothing is left to do.
    func relieve() throws -> String?
    /// Looks at what the first step took; says what was changed for that, nil if nothing.
    func settle() throws -> String?
}

/// Runs code again as long as memory runs out in it and can be freed; what failed has left no trace.
///
/// - Parameters:
///   - relief: asked for help; nil can give none.
///   - tell: told what was done.
///   - body: may run several times.
/// - Returns: what `body` gives in the end.
/// - Throws: what `body` throws, memory that runs out included where nothing more can be freed.
package func withRelief<R>(
    _ relief: (any MemoryRelief)?,
    tell: (String) -> Void,
    _ body: () throws -> R
) throws -> R {
    while true {
        do {
            return try body()
        } catch let error as TorchError where error.kind == .outOfMemory {
            guard let notice = try relief?.relieve() else { throw error }
            tell(notice)
        }
    }
}

/// Moves as many blocks to host memory as a run needs to fit: more when memory runs out, fewer when the first step
/// left room.
public final class AutomaticOffloading: MemoryRelief {
    private let offloading: BlockOffloading
    private let device: Device
    private let repeated: String
    private var hasRunOut = false
    /// Part of the device's memory that stays free after the first step: allocators need room to move.
    private static let reserve = 0.06
    /// Least part of the blocks that moves at a time: each try costs a step.
    private static let stride = 0.1

    /// Watches over the blocks of a model on a device; `repeated` is what is tried again.
    public init(_ offloading: BlockOffloading, device: Device, repeated: String = "the step") {
        self.offloading = offloading
        self.device = device
        self.repeated = repeated
    }

    private var share: Double {
        let all = offloading.sizes.reduce(0, +)
        return all > 0 ? Double(offloading.hostBytes) / Double(all) : 0
    }

    /// Moves a tenth of the blocks, one at least.
    public func relieve() throws -> String? {
        let count = offloading.sizes.count
        guard offloading.offloaded.count < count else { return nil }
        hasRunOut = true
        let step = max(Self.stride, 1 / Double(max(count, 1)))
        return try move(to: min(1, share + step), because: "\(device) ran out of memory")
            + "; \(repeated) is repeated"
    }

    /// Brings back what fits, unless memory ran out before.
    public func settle() throws -> String? {
        guard !hasRunOut, share > 0, let size = device.size?.total else { return nil }
        let spare = Double(size) * (1 - Self.reserve) - Double(device.peakMemory)
        let block = offloading.sizes.max() ?? 0
        let count = min(Int(spare / Double(max(block, 1))), offloading.offloaded.count)
        guard count > 0 else { return nil }
        let next = share - Double(count) / Double(offloading.sizes.count)
        return try move(to: max(0, next), because: "the first step left room")
    }

    private func move(to next: Double, because reason: String) throws -> String {
        try withTorchErrors {
            offloading.offload(share: next)
            device.releaseCachedMemory()
        }
        let (count, all) = (offloading.offloaded.count, offloading.sizes.count)
        return
            "\(reason): now \(count) of \(all) blocks live in host memory (layer_offloading: auto)"
    }
}
