import Foundation
import Torch

/// How much memory a graphics card has, which LibTorch does not tell in all versions that are supported.
enum DeviceMemory {
    /// Bytes that `nvidia-smi` names for every card; nil without it, or if the cards differ.
    static func bytes(of device: Device) -> Int? {
        guard device.kind == "cuda", let text = listing else { return nil }
        return bytes(listing: text)
    }

    /// Reads lines of mebibytes.
    ///
    /// Its order of cards is not LibTorch's, so all have to agree.
    static func bytes(listing: String) -> Int? {
        let sizes = Set(
            listing.split(whereSeparator: \.isNewline).map { Int($0.filter(\.isNumber)) }
        )
        guard sizes.count == 1, let size = sizes.first.flatMap(\.self), size > 0 else { return nil }
        return size * 1_048_576
    }

    private static var listing: String? {
        output(of: "nvidia-smi", "--query-gpu=memory.total", "--format=csv,noheader,nounits")
    }
}
