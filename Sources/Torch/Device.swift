import TorchBridge

/// Where tensors live and are computed, by LibTorch's own name: `cpu`, `cuda:0`.
public struct Device: Sendable, Hashable, CustomStringConvertible {
    /// The name, as LibTorch reads it.
    public let name: String

    /// Names a device; `available` says whether it is there.
    public init(_ name: String) { self.name = name }

    /// The processor.
    public static let cpu = Device("cpu")

    /// Kind without the number: `cuda` of `cuda:1`.
    public var kind: String { String(name.prefix { $0 != ":" }) }

    /// Number of the device among its kind.
    public var index: Int { Int(name.drop { $0 != ":" }.dropFirst()) ?? 0 }

    /// Whether LibTorch can use it on this machine.
    public var isAvailable: Bool { index < Device.count(of: kind) }

    /// The name.
    public var description: String { name }

    /// How many devices of a kind (`cpu`, `cuda`, `mps`) LibTorch can use.
    public static func count(of kind: String) -> Int { Int(tb_device_count(kind)) }

    /// All that can be used here, accelerators first.
    public static var available: [Device] {
        let cuda = (0..<count(of: "cuda")).map { Device("cuda:\($0)") }
        return cuda + (count(of: "mps") > 0 ? [Device("mps")] : []) + [.cpu]
    }

    /// Waits until everything that was asked of the device is done.
    public func synchronize() {
        Tensor.run("synchronize", []) { _ in tb_synchronize(name) }
    }

    /// Gives freed memory that allocators keep for reuse back to the device, or to the system.
    public func releaseCachedMemory() {
        Tensor.run("releaseCachedMemory", []) { _ in tb_release_cached_memory(name) }
    }

    /// Forgets the highest use of memory so far, of tensors and of the process.
    public func resetPeakMemory() {
        Tensor.run("resetPeakMemory", []) { _ in tb_reset_peak_memory(name) }
        ProcessMemory.resetPeak()
    }

    /// Bytes that tensors hold on the device now.
    public var usedMemory: Int { memory.now }

    /// Most bytes that tensors held on the device since the reset.
    public var peakMemory: Int { memory.peak }

    private var memory: (now: Int, peak: Int) {
        var (now, peak): (Int64, Int64) = (0, 0)
        Tensor.run("memory", []) { _ in tb_device_memory(name, &now, &peak) }
        return (Int(now), Int(peak))
    }

    /// Bytes of the device in all, and those that nobody uses; nil where LibTorch does not tell, and on a CPU
    /// without a limit.
    public var size: (total: Int, unused: Int)? {
        var (total, unused): (Int64, Int64) = (0, 0)
        Tensor.run("size", []) { _ in tb_device_size(name, &total, &unused) }
        return total > 0 ? (Int(total), Int(unused)) : nil
    }

    /// Lets tensors on the CPU hold so many bytes at most, as if it were a small accelerator; nil lifts it.
    package static func limitCPUMemory(_ bytes: Int?) { tb_limit_cpu_memory(Int64(bytes ?? 0)) }

    /// Bytes of the largest piece of the CPU's memory that LibTorch asked for since the peak was reset.
    package static var largestCPUAllocation: Int { Int(tb_largest_cpu_allocation()) }
}

/// LibTorch itself.
public enum LibTorch {
    /// Version of the library that is loaded, such as `2.13.0`.
    public static var version: String { String(cString: tb_version()) }

    /// Threads that one operation on the CPU may use.
    public static var threadCount: Int {
        get { Int(tb_thread_count()) }
        set { tb_set_thread_count(Int32(newValue)) }
    }
}
