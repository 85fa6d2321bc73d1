import TorchBridge

/// A model that was saved with `torch.jit.save`, run on the CPU without gradients.
///
/// Such a file is a zip archive with pickled data and a program in TorchScript's own operations:
/// it can take all memory and time there is. Load only files that you trust.
public final class ScriptModule {
    private let handle: OpaquePointer

    /// Reads a file.
    ///
    /// - Throws: `TorchError` with LibTorch's words for a file that is no TorchScript.
    public init(path: String) throws {
        var loaded: OpaquePointer?
        let status = tb_script_load(&loaded, path)
        guard status == TB_OK, let loaded else {
            throw TorchError("loadScript", status, shapes: [])
        }
        handle = loaded
    }

    deinit { tb_script_free(handle) }

    /// Runs `forward` on one tensor; its result must be one tensor.
    public func callAsFunction(_ x: Tensor) -> Tensor {
        withExtendedLifetime(self) {
            Tensor.call("script", [x]) { out, handles in
                tb_script_forward(out, handle, handles[0])
            }
        }
    }
}
