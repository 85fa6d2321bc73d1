import LTXModel
import Torch

// Axes: B batch, A position axes, T tokens, H heads, r half a head's width.

extension Comparison {
    /// Positions, rotary tables, noise level modules, every case, losses and gradients.
    func compareTransformer(_ checkpoint: Checkpoint) throws {
        let (transformer, weights) = try checkpoint.transformerWithWeights(device: device)
        try withTorchErrors {
            let inputs = try TransformerInputs(self, scale: transformer.scale)
            try withoutGradients {
                try compareCoordinates(inputs, transformer.scale)
                try compareTables(inputs, transformer)
                try compareModulation(transformer)
                try compareCases(inputs, transformer)
            }
            if recording.has("train.loss") {
                try compareGradients(inputs, transformer, weights)
            }
        }
        skipRest { $0.hasPrefix("out.") ? "unknown case" : "unknown here" }
    }

    private func compareCoordinates(_ inputs: TransformerInputs, _ scale: LatentScale) throws {
        let video = scale.intervals(of: inputs.grid)
        let audio = [scale.intervals(ofAudio: inputs.audioCount)]
        for (name, axes) in [("coords.video", video), ("coords.audio", audio)]
        where recording.has(name) {
            let edges = axes.map { axis in
                Tensor.stack([Tensor(axis.starts), Tensor(axis.ends)], axis: 1)  // [T, 2]
            }
            try compareRepeated(name, Tensor.stack(edges))  // [A, T, 2]
        }
    }

    private func compareTables(_ inputs: TransformerInputs, _ transformer: Transformer) throws {
        let tables = transformer.rotaryTables(
            grid: inputs.grid,
            audioCount: inputs.audioCount,
            device: device
        )
        let named = [
            ("video", tables.video), ("audio", tables.audio), ("cross_video", tables.crossVideo),
            ("cross_audio", tables.crossAudio),
        ]
        for (name, table) in named where recording.has("rope.\(name).cos") {
            try compareRepeated("rope.\(name).cos", table.cosines)  // [H, T, r]
            try compareRepeated("rope.\(name).sin", table.sines)
        }
    }

    /// Compares what is the same for every item of a batch.
    private func compareRepeated(_ name: String, _ result: Tensor) throws {
        let batch = try recording.result(name).size(0)
        try compare(name, result.unsqueeze(0).expand([batch] + result.shape))
    }

    /// `adaln.<timestep>.mod` and `.embedded` of the video stream.
    private func compareModulation(_ transformer: Transformer) throws {
        for name in recording.outputs where name.hasPrefix("adaln.") && name.hasSuffix(".mod") {
            let text = name.dropFirst("adaln.".count).dropLast(".mod".count)
            guard let timestep = Float(text) else { continue }
            let sigma = TransformerInputs.sigmas(
                ofTimesteps: Tensor([timestep]).to(on: device)
            )
            let found = transformer.videoModulation(sigma)
            try compare(name, found.rows.reshape(1, -1))
            let embedded = "adaln.\(text).embedded"
            if recording.has(embedded) { try compare(embedded, found.embedded) }
        }
    }

    private func compareCases(_ inputs: TransformerInputs, _ transformer: Transformer) throws {
        let names = recording.outputs.filter { $0.hasPrefix("out.") && $0.hasSuffix(".video") }
        for name in names {
            let label = name.dropFirst("out.".count).dropLast(".video".count)
            guard let input = inputs.call(String(label)) else { continue }
            let found = transformer(input)
            for (modality, velocity) in [("video", found.video), ("audio", found.audio)] {
                let output = "out.\(label).\(modality)"
                if let velocity, recording.has(output) { try compare(output, velocity) }
            }
        }
    }
}
