import Adapters
import ClipData
import Foundation
import LTXModel
import RunConfig
import Training

extension RunPlan {
    /// The plan as people read it: what, from what, how long, what it needs, what to know.
    public var summary: String {
        let parts = [
            headline, modelLines, networkLines, trainingLines, memoryLines, clipLines,
        ]
        return parts.joined(separator: "\n") + notes + "\n"
    }

    private var headline: String {
        let start = resumed.map { "going on after step \($0.step) from \($0.path)" } ?? "a new run"
        return "Run \(file.name): \(start), results in \(folder.path)"
    }

    private func row(_ name: String, _ text: String) -> String {
        "  " + name.padding(toLength: 10, withPad: " ", startingAt: 0) + text
    }

    private var modelLines: String {
        let place =
            models.checkpoint.path.map { path in
                path.hasSuffix(models.checkpoint.id) ? "" : " (\(path))"
            }
            ?? " (not on this machine yet: it is downloaded first)"
        let title = version?.title ?? "LTX-2"
        var lines = [row("model", "\(title), \(models.checkpoint.id)\(place)")]
        let encoder = models.textEncoder.path == nil ? " (downloaded first)" : ""
        lines.append(row("text", "\(models.textEncoder.id)\(encoder)"))
        lines.append(row("device", "\(device), weights and activations in \(dtype)"))
        return lines.joined(separator: "\n")
    }

    private var networkLines: String {
        let kind = "LoRA of rank \(network.linear), scale \(number(network.scale))"
        guard let transformer else { return row("adapters", kind) }
        let count = adapterSize(transformer)
        let dropout = network.rankDropout > 0 ? ", rank dropout \(number(network.rankDropout))" : ""
        let sides = rules.includesAudio ? "face and voice" : "face only, no clip has sound"
        return row(
            "adapters",
            "\(kind)\(dropout): \(count.layers) layers, \(millions(count.values)) values (\(sides))"
        )
    }

    private var trainingLines: String {
        let train = file.train
        let batch = train.batchSize * train.gradientAccumulation
        let perEpoch = max(1, clips.totals.itemsPerEpoch / max(batch, 1))
        let sound =
            !hasSound
            ? ""
            : train.independentAudioTimestep ? ", sound at its own sigma" : ", one sigma for both"
        return [
            row(
                "training",
                "\(train.steps) steps of \(batch) \(batch == 1 ? "clip" : "clips") "
                    + "(\(perEpoch) steps see every clip once), adamw, "
                    + "lr \(number(train.lr)) \(train.lrScheduler.rawValue)"
            ),
            row("noise", "\(train.timestepType.rawValue)\(sound), seed \(seed)"),
            row("saving", "every \(file.save.saveEvery) steps, \(file.save.dtype.rawValue)"),
        ].joined(separator: "\n")
    }

    private var memoryLines: String {
        guard let transformer else { return row("memory", "known once the model is here") }
        let estimate = MemoryEstimate(self, transformer)
        return row("memory", "about \(estimate.total.inBytes) while training: \(estimate.parts)")
    }

    private var clipLines: String {
        let lines = clips.description.split(separator: "\n", omittingEmptySubsequences: false)
        return "Clips:\n" + lines.map { "  \($0)" }.joined(separator: "\n")
    }

    private var notes: String {
        let lines = diagnostics.filter { $0.severity != .error }.map { "  \($0)" }
        return lines.isEmpty ? "" : "\nTo know:\n" + lines.joined(separator: "\n")
    }

    private func number(_ value: Double) -> String {
        value == value.rounded() && abs(value) < 1e6 ? String(Int(value)) : "\(value)"
    }

    private func millions(_ count: Int) -> String {
        count < 1_000_000 ? "\(count)" : String(format: "%.1f M", Double(count) / 1e6)
    }
}

extension Int {
    /// `1.4 GB`, `320 MB`.
    public var inBytes: String {
        let units = ["B", "kB", "MB", "GB", "TB"]
        var value = Double(self)
        var unit = 0
        while value >= 1000, unit < units.count - 1 {
            value /= 1000
            unit += 1
        }
        return String(format: value < 10 && unit > 1 ? "%.1f %@" : "%.0f %@", value, units[unit])
    }
}
