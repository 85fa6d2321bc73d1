import Torch

/// How fast a device multiplies.
enum DeviceSpeed {
    /// Measures products `[rows, width] · [width, 4 width]`, as feed-forward layers have them, for half a second.
    static func flopsPerSecond(
        _ device: Device,
        _ dtype: DType,
        rows: Int,
        width: Int
    ) throws -> Double {
        try withTorchErrors {
            withoutGradients {
                let x = Tensor.full([rows, width], 0.01, dtype: dtype, device: device)
                let weight = Tensor.full([4 * width, width], 0.01, dtype: dtype, device: device)
                let once = 8 * Double(rows) * Double(width) * Double(width)
                // The first product also loads the library's kernels.
                _ = seconds(device) { _ = x.linear(weight) }
                var (count, spent) = (0.0, 0.0)
                while spent < 0.5, count < 10_000 {
                    spent += seconds(device) { _ = x.linear(weight) }
                    count += 1
                }
                return once * count / max(spent, 1e-9)
            }
        }
    }

    private static func seconds(_ device: Device, _ work: () -> Void) -> Double {
        let begun = ContinuousClock.now
        work()
        device.synchronize()
        return (ContinuousClock.now - begun) / .seconds(1)
    }
}
