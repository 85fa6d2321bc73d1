import LTXModel
import Torch

// Axes: B batch, S text tokens, D width, L hidden states.

extension Comparison {
    /// Hidden states of prompts that are padded on the left; only their real tokens count.
    func compareTextEncoder(_ folder: TextEncoderFolder) throws {
        let model = try folder.model(dtype: .float32, device: device)
        try compareStates(model, ids: "in.ids", mask: "in.mask", below: "out.")
        if recording.has("in.long_ids") {
            try compareStates(model, ids: "in.long_ids", mask: nil, below: "out.long.")
        }
        if recording.has("embed_scale") {
            let width = Double(folder.config.width)
            try withTorchErrors { try compare("embed_scale", Tensor.full([1], width.squareRoot())) }
        }
        skipRest { _ in "unknown here" }
    }

    private func compareStates(
        _ model: GemmaModel,
        ids: String,
        mask: String?,
        below prefix: String
    ) throws {
        try withTorchErrors {
            try withoutGradients {
                let prompts = try recording.tensor(ids, axes: 2)  // [B, S]
                let real = try mask.map { try recording.tensor($0, axes: 2) }
                var parts: [[(result: Tensor, of: (Tensor) -> Tensor)]] = []
                for item in 0..<prompts.size(0) {
                    let padding = real.map { paddingCount($0, item) } ?? 0
                    let tokens = prompts.select(0, item).integers().dropFirst(padding)
                    let states = try model.hiddenStates([Array(tokens)])
                    parts.append(
                        states.map { ($0, { place($0, item: item, padding: padding) }) }
                    )
                }
                try compareAll(parts, below: prefix)
            }
        }
    }

    /// `parts[b][l]` is state l of prompt b.
    private func compareAll(
        _ parts: [[(result: Tensor, of: (Tensor) -> Tensor)]],
        below prefix: String
    ) throws {
        let count = parts.first?.count ?? 0
        for state in 0..<count where recording.has("\(prefix)hs\(state)") {
            try compare("\(prefix)hs\(state)", parts: parts.map { $0[state] })
        }
        if count > 0, recording.has(prefix + "last") {
            try compare(prefix + "last", parts: parts.map { $0[count - 1] })
        }
    }

    /// Contexts of both modalities from recorded hidden states `[B, S, D, L]`.
    func compareConnectors(_ checkpoint: Checkpoint) throws {
        let states = try withTorchErrors { try input("in.hidden_states", axes: 4) }
        let mask = try withTorchErrors { try recording.tensor("in.attention_mask", axes: 2) }
        let projection = try checkpoint.textProjection(
            hiddenWidth: states.size(2),
            stateCount: states.size(3),
            dtype: .float32,
            device: device
        )
        let connectors = try checkpoint.textConnectors(dtype: .float32, device: device)
        try withTorchErrors {
            try withoutGradients {
                let contexts = try (0..<states.size(0)).map { item in
                    let padding = paddingCount(mask, item)
                    let real = place(states, item: item, padding: padding).select(0, 0)
                    let features = try projection((0..<real.size(2)).map { real.select(2, $0) })
                    return try connectors.context(of: features, length: states.size(1))
                }
                try compare("out.video", Tensor.concatenate(contexts.map(\.video), axis: 0))
                try compare("out.audio", Tensor.concatenate(contexts.map(\.audio), axis: 0))
                if recording.has("out.mask") {
                    // Registers fill every place, so that no context has padding.
                    try compare("out.mask", Tensor.full([states.size(0), states.size(1)], 1))
                }
            }
        }
        skipRest { _ in "unknown here" }
    }
}

/// Tokens of padding before a prompt.
private func paddingCount(_ mask: Tensor, _ item: Int) -> Int {
    mask.select(0, item).integers().prefix { $0 == 0 }.count
}

/// One item of a batch without its padding, `[1, S, …]`.
private func place(_ tensor: Tensor, item: Int, padding: Int) -> Tensor {
    tensor.narrow(0, from: item, count: 1)
        .narrow(1, from: padding, count: tensor.size(1) - padding)
}
