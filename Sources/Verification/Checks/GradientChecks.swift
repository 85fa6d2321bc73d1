import Foundation
import LTXModel
import Torch

// Axes: B batch, T tokens, C latent channels.

extension Comparison {
    /// Loss of case `i2v_own` and its derivatives by the weights, which are recorded under the
    /// names that diffusers gives them.
    func compareGradients(
        _ inputs: TransformerInputs,
        _ transformer: Transformer,
        _ weights: [String: Tensor]
    ) throws {
        guard let call = inputs.call("i2v_own") else { return }
        let names = weights.keys.sorted()
        let list = names.compactMap { weights[$0] }
        for weight in list { weight.requiresGradient = true }
        defer { for weight in list { weight.requiresGradient = false } }

        let loss = try recordingGradients { try compareLosses(transformer(call)) }
        let one = Tensor.full([], 1, device: device)
        let found = gradients(of: [loss], seeds: [one], for: list)
        var byName: [String: Tensor] = [:]
        for (name, gradient) in zip(names, found) { byName[name] = gradient }

        for recorded in recording.outputs where recorded.hasPrefix("grad.") {
            let own = DiffusersNames.transformer(String(recorded.dropFirst("grad.".count)))
            guard let gradient = byName[own] else {
                add(recorded, error: .infinity, tolerance: recording.tolerance(recorded))
                continue
            }
            try compare(recorded, gradient)
        }
        compareNorms(byName)
    }

    /// Compares the losses and returns their sum's mean over the batch.
    private func compareLosses(_ velocities: StreamState) throws -> Tensor {
        let mask = try input("train.loss_mask.video", axes: 2)  // [B, T]
        let shares = mask / mask.sum([1], keep: true)  // an item's tokens that are learned sum to 1
        let video = try squares(velocities.video, "train.target.video")
        let audio = try squares(velocities.audio, "train.target.audio").mean([1])
        let videoLoss = (video * shares).sum([1])
        let loss = (videoLoss + audio).mean()
        try compare("train.loss", loss.detach().reshape(1))
        try compareEach(["train.loss.video": videoLoss, "train.loss.audio": audio])
        return loss
    }

    private func compareEach(_ losses: [String: Tensor]) throws {
        for (name, loss) in losses.sorted(by: { $0.key < $1.key }) where recording.has(name) {
            try compare(name, loss.detach())
        }
    }

    /// Squared error per token, `[B, T]`.
    private func squares(_ velocity: Tensor?, _ target: String) throws -> Tensor {
        guard let velocity else { return .zeros([]) }
        let error = velocity - (try input(target, axes: 3))
        return (error * error).mean([2])
    }

    /// The metadata `grad_norms` has the norm of every weight's gradient: one line for those that
    /// agree, and one for each that does not.
    private func compareNorms(_ gradients: [String: Tensor]) {
        guard let text = recording.text("grad_norms"),
            let parsed = try? JSONSerialization.jsonObject(with: Data(text.utf8)),
            let norms = parsed as? [String: NSNumber]
        else { return }
        let tolerance = recording.tolerance("grad.norm")
        var worst = 0.0
        for (name, recorded) in norms.sorted(by: { $0.key < $1.key }) {
            let found = gradients[DiffusersNames.transformer(name)].map {
                Tensor.totalNorm([$0]).item()
            }
            let expected = recorded.doubleValue
            let error = found.map { abs($0 - expected) / max(abs(expected), 1e-30) } ?? .infinity
            guard error <= tolerance else {
                add("grad_norms: \(name)", error: error, tolerance: tolerance)
                continue
            }
            worst = max(worst, error)
        }
        add("grad_norms", error: worst, tolerance: tolerance)
    }
}
