import TorchBridge

/// Copies from host memory into places on a device, while the device computes.
///
/// On an accelerator the copies run on a stream of their own; on the CPU they are plain copies.
final class Transfer {
    private let handle: OpaquePointer?  // nil on the CPU

    init(to device: Device, slots: Int) {
        var made: OpaquePointer?
        Tensor.run("Transfer", []) { _ in tb_transfer_create(&made, device.name, slots) }
        handle = made
    }

    deinit { tb_transfer_free(handle) }

    /// Begins to copy into a slot, once the computation has left it.
    func fetch(_ sources: [Tensor], into targets: [Tensor], slot: Int) {
        Tensor.run("Transfer.fetch", targets + sources) { handles in
            withList(handles[..<targets.count]) { targets in
                withList(handles[targets.count...]) { sources in
                    withExtendedLifetime(self) { tb_transfer_fetch(handle, slot, targets, sources) }
                }
            }
        }
    }

    /// What is computed next waits until the slot is filled.
    func wait(for slot: Int) {
        Tensor.run("Transfer.wait", []) { _ in
            withExtendedLifetime(self) { tb_transfer_wait(handle, slot) }
        }
    }

    /// What was computed so far is the last to use the slot.
    func leave(_ slot: Int) {
        Tensor.run("Transfer.leave", []) { _ in
            withExtendedLifetime(self) { tb_transfer_leave(handle, slot) }
        }
    }
}

extension Tensor {
    /// A copy in host memory, from which `device` can read while it computes.
    func hostCopy(for device: Device) -> Tensor {
        Tensor.call("hostCopy", [self]) { out, handles in
            tb_host_copy(out, handles[0], device.name)
        }
    }

    /// Lets this tensor stand for other elements, on any device; all who hold it see them.
    func stand(for other: Tensor) {
        Tensor.run("stand", [self, other]) { handles in tb_set_data(handles[0], handles[1]) }
    }

    /// Bytes of a buffer `[N]` from `start`, as a tensor that shares them.
    func view(from start: Int, as dtype: DType, _ shape: [Int]) -> Tensor {
        Tensor.call("view", [self]) { out, handles in
            withDims(shape) {
                tb_view_bytes(out, handles[0], Int64(start), dtype.bridged, $0)
            }
        }
    }
}
