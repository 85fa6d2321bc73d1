import RunConfig

/// What has no meaning where the transformer itself is trained is refused before anything is read.
extension RunPlanner {
    /// Errors of a run file without a `network` section.
    var weightChecks: [Diagnostic] {
        guard file.network == nil else { return [] }
        return frozenBaseErrors + modelErrors + trainErrors
    }

    private func refusal(_ path: String, _ reason: String, _ fix: String) -> Diagnostic {
        var found = note(
            .error,
            path,
            "\(reason), and without a network section the transformer itself is trained"
        )
        found.fix = fix
        return found
    }

    /// What asks the frozen model something.
    private var frozenBaseErrors: [Diagnostic] {
        let train = file.train
        var asked = [
            (train.diffOutputPreservation, "train.diff_output_preservation"),
            (train.blankPromptPreservation, "train.blank_prompt_preservation"),
            (train.voicePreservation?.isOn == true, "train.voice_preservation"),
        ]
        for (index, dataset) in file.datasets.enumerated() {
            asked.append((dataset.priorReg, "datasets[\(index)].prior_reg"))
        }
        let frozen = asked.filter(\.0).map { _, path in
            refusal(
                path,
                "needs the frozen base model as a teacher",
                "remove it, or add a network section"
            )
        }
        let weighted = file.datasets.indices.filter { file.datasets[$0].networkWeight != 1 }
        return frozen
            + weighted.map {
                refusal(
                    "datasets[\($0)].network_weight",
                    "is the strength of adapters",
                    "use loss_multiplier, or add a network section"
                )
            }
    }

    private var modelErrors: [Diagnostic] {
        var found: [Diagnostic] = []
        if file.model.quantize != nil {
            found.append(
                refusal(
                    "model.quantize",
                    "makes codes of the weights, which cannot be trained",
                    "write quantize: false, or add a network section"
                )
            )
        }
        if file.model.layerOffloading != .off {
            found.append(
                refusal(
                    "model.layer_offloading",
                    "moves weights that do not change",
                    "write layer_offloading: false, or add a network section"
                )
            )
        }
        return found
    }

    private var trainErrors: [Diagnostic] {
        var found: [Diagnostic] = []
        if file.train.dtype == .fp16 {
            found.append(
                refusal(
                    "train.dtype",
                    "is fp16, in which small gradients are lost",
                    "write bf16 or fp32"
                )
            )
        }
        if file.train.trainTextEncoder {
            found.append(
                refusal(
                    "train.train_text_encoder",
                    "trains adapters of the text connectors",
                    "remove it, or add a network section"
                )
            )
        }
        return found
    }
}
