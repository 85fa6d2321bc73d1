import RunConfig
import Torch

/// What a plan says where the transformer itself is trained.
extension RunPlan {
    /// What is trained, when the optimizer steps, and what files weigh.
    var weightLines: String {
        [trainedLine, row("gradients", gradientText), filesLine].compactMap(\.self)
            .joined(separator: "\n")
    }

    private var trainedLine: String {
        guard let sizes = weightSizes else {
            return row("trained", "the transformer's own weights")
        }
        let part = sizes.values == sizes.allValues ? "all " : ""
        return row(
            "trained",
            "the transformer itself: \(part)\(sizes.weights) weights, \(millions(sizes.values)) of "
                + "\(millions(sizes.allValues)) values (\(sides))"
        )
    }

    private var gradientText: String {
        let limits = file.train.maxGradNorm > 0 && !limitsItself
        guard let reason = reasonToCollect else {
            return "the optimizer steps each block as soon as its gradients are there"
                + (limits
                    ? ", so max_grad_norm \(file.train.maxGradNorm) limits each block's norm, not that of all"
                    : "")
        }
        let all =
            weightSizes.map { ($0.values * dtype.byteWidth).inBytes } ?? "those of all weights"
        let one = weightSizes.map { ($0.largestSegment * dtype.byteWidth).inBytes } ?? "one block's"
        return "collected, because \(reason): \(all) instead of \(one)"
    }

    private var limitsItself: Bool { file.train.optimizer == .adafactor }

    /// Both files are as large as the model, and a new state is written before the old one goes.
    private var filesLine: String? {
        guard let sizes = weightSizes else { return nil }
        let model = sizes.allValues * DType(file.save.dtype).byteWidth
        let state =
            sizes.values * dtype.byteWidth
            + Int((Double(sizes.values) * optimizerBytesPerValue).rounded())
        return row(
            "files",
            "each saved model \(model.inBytes), each state \(state.inBytes); two states are on the disk while "
                + "one is written"
        )
    }
}
