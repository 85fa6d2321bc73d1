import Safetensors
import TorchBridge

/// Keeps a mapped file while a tensor lies in it, and then gives the tensor's pages back.
final class LentTensor {
    private let file: SafetensorsFile
    private let name: String

    private init(_ file: SafetensorsFile, _ name: String) { (self.file, self.name) = (file, name) }

    deinit { file.dropFromMemory(name) }

    /// A tensor in a file's own memory, which must only be read.
    ///
    /// - Returns: nil for bytes that cannot lie where they are: unaligned, none, or of a packed type.
    static func of(_ name: String, in file: SafetensorsFile) -> Tensor? {
        guard let info = file.info(name), let dtype = DType(info.dtype) else { return nil }
        let lent = file.withBytes(of: name) { bytes -> Tensor? in
            guard let start = bytes.baseAddress, !bytes.isEmpty,
                Int(bitPattern: start).isMultiple(of: dtype.byteWidth)
            else { return nil }
            // Safe because the owner keeps the file, and LibTorch the owner for as long as it reads.
            let owner = Unmanaged.passRetained(LentTensor(file, name)).toOpaque()
            return Tensor.call("lend", []) { out, _ in
                withDims(info.shape) { shape in
                    tb_lend_bytes(out, start, dtype.bridged, shape, release, owner)
                }
            }
        }
        return lent ?? nil
    }
}

/// Lets go of what `LentTensor.of` retained.
private func release(_ owner: UnsafeMutableRawPointer) {
    Unmanaged<LentTensor>.fromOpaque(owner).release()
}
