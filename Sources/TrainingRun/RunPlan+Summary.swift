import Adapters
import ClipData
import Foundation
import LTXModel
import RunConfig
import RunFiles
import Sampling
import Training

extension RunPlan {
    /// The plan as people read it: what, from what, how long, what it needs, what to know.
    public var summary: String {
        let parts = [
            headline, presetLines, modelLines, networkLines, trainingLines, keepingLines,
            memoryLines,
            clipLines,
        ]
        return parts.compactMap(\.self).joined(separator: "\n") + notes + "\n"
    }

    private var headline: String {
        let start = resumed.map { "going on after step \($0.step) from \($0.path)" } ?? "a new run"
        return "Run \(file.name): \(start), results in \(folder.path)"
    }

    func row(_ name: String, _ text: String) -> String {
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
        let encoderFormat = encoderQuantization.map { ", its layers in \($0.format)" } ?? ""
        lines.append(row("text", "\(models.textEncoder.id)\(encoder)\(encoderFormat)"))
        let weights = quantization.map {
            "blocks in \($0.format), the rest and activations in \(dtype)"
        }
        lines.append(
            row("device", "\(device), \(weights ?? "weights and activations in \(dtype)")")
        )
        if file.model.compile {
            lines.append(
                row("compile", "blocks that are computed again keep the results of their parts")
            )
        }
        return lines.joined(separator: "\n")
    }

    /// What a one-word choice stands for, and where the file knows better.
    private var presetLines: String? {
        guard let preset = file.preset else { return nil }
        let set = file.presetValues.filter { !$0.isOverridden }.map { "\($0.path) \($0.value)" }
        let given = file.presetValues.filter(\.isOverridden).map(\.path)
        let own = given.isEmpty ? "" : "; the file has its own \(given.joined(separator: ", "))"
        return row("preset", "\(preset.rawValue): \(set.joined(separator: ", "))\(own)")
    }

    /// What is done so that nothing is lost and everything is seen.
    private var keepingLines: String? {
        var lines: [String] = []
        if let sounds = preservedSounds {
            let rules = file.train.voiceRules
            lines.append(
                row(
                    "voice",
                    "kept on clips without sound every \(rules.every == 1 ? "step" : "\(rules.every) steps"), "
                        + "beside silence and \(sounds.prompts.count) sounds of the base model"
                )
            )
        }
        if let heldOut {
            let totals = heldOut.totals
            lines.append(
                row(
                    "held out",
                    "\(totals.clips) \(totals.clips == 1 ? "clip" : "clips"), \(totals.clipsWithSound) with sound, measured every "
                        + "\(file.train.heldOutEvery) steps"
                )
            )
        }
        return lines.isEmpty ? nil : lines.joined(separator: "\n")
    }

    private var networkLines: String {
        if trainsWeights { return weightLines }
        let kind = kindOfAdapters
        guard let transformer else { return row("adapters", kind) }
        let count = adapterSize(transformer)
        let dropout = network.rankDropout > 0 ? ", rank dropout \(number(network.rankDropout))" : ""
        return row(
            "adapters",
            "\(kind)\(dropout): \(count.layers) layers, \(millions(count.values)) values (\(sides))"
                + (file.train.trainTextEncoder ? ", and the text connectors" : "")
        )
    }

    /// Kind of the adapters and how large they are.
    private var kindOfAdapters: String {
        let kind = recipe.kind.title
        if network.type == .fullrank { return kind }
        if network.type == .lokr {
            let factor = network.lokrFactor < 0 ? "the most balanced" : "\(network.lokrFactor)"
            let cut = "\(kind) of factor \(factor)"
            if network.lokrFullRank { return cut + ", second factor whole" }
            return "\(cut), second factor of rank \(ranks), scale \(number(network.scale))"
        }
        return "\(kind) of rank \(ranks), scale \(number(network.scale))"
    }

    private var ranks: String {
        let sound = network.audioLinear.map { ["\($0) where sound is made"] } ?? []
        let named = network.ranks.sorted { $0.key < $1.key }.map { "\($0.value) in \($0.key)" }
        let others = sound + named
        return "\(network.linear)"
            + (others.isEmpty ? "" : " (\(others.joined(separator: ", ")))")
    }

    /// Which sides of the character the adapters can learn.
    var sides: String {
        guard hasSound else { return "face only, no clip has sound" }
        guard rules.includesAudio else { return "face, the sound's loss counts nothing" }
        let pathways = rules.pathways ?? Set(Pathway.allCases)
        switch (pathways.contains(.video), pathways.contains(where: \.writesAudio)) {
        case (true, true): return "face and voice"
        case (true, false): return "face"
        default: return "voice"
        }
    }

    /// From which noise levels the sound is learned, and how strongly.
    private var soundPolicy: String {
        let train = file.train
        guard hasSound else { return "" }
        guard train.independentAudioTimestep else { return ", one sigma for picture and sound" }
        let share = train.mixedAudioTimestep
        let mixed = share > 0 ? ", in \(Int((share * 100).rounded())) % of steps the picture's" : ""
        return ", sound at its own sigma (\(train.audioTimestepType.rawValue)\(mixed))"
    }

    private var optimizerText: String {
        let train = file.train
        let mean = train.emaConfig.useEMA ? " with a mean of the weights" : ""
        return train.optimizer.rawValue + mean
    }

    private var rates: String {
        let train = file.train
        let sound = train.audioLR.map { ", \(number($0)) for sound" } ?? ""
        return "lr \(number(train.lr))\(sound) \(train.lrScheduler.rawValue)"
    }

    private var balanceText: String {
        guard hasSound else { return "" }
        switch file.train.audioBalance {
        case .fixed:
            let (seen, heard) = (file.train.videoLossMultiplier, file.train.audioLossMultiplier)
            return ", losses video × \(number(seen)) and audio × \(number(heard))"
        case .lossAverage: return ", audio loss kept at a third of the video's"
        case .gradientNorm: return ", both losses kept at gradients of one norm"
        }
    }

    private var trainingLines: String {
        let train = file.train
        let batch = train.batchSize * train.gradientAccumulation
        let perEpoch = max(1, clips.totals.itemsPerEpoch / max(batch, 1))
        return [
            row(
                "training",
                "\(train.steps) steps of \(batch) \(batch == 1 ? "clip" : "clips") "
                    + "(\(perEpoch) steps see every clip once), \(optimizerText), \(rates)\(balanceText)"
            ),
            row("noise", "\(train.timestepType.rawValue)\(soundPolicy), seed \(seed)"),
            row("saving", "every \(file.save.saveEvery) steps, \(file.save.dtype.rawValue)"),
        ].joined(separator: "\n") + previewLine
    }

    private var previewLine: String {
        guard let times = previewTimes, !previews.isEmpty else { return "" }
        let first = times.first == .never ? "" : ", before the first step"
        let sizes = Set(
            previews.map { "\($0.request.width)x\($0.request.height)x\($0.request.frameCount)" }
        )
        return "\n"
            + row(
                "previews",
                "\(previews.count) of \(sizes.sorted().joined(separator: ", ")), every \(times.every) steps\(first) "
                    + "and after the last"
            )
    }

    private var memoryLines: String {
        guard let shape = largestStep else { return row("memory", "known once the model is here") }
        do {
            let plan = try MemoryPlan(self, shape)
            let parts = plan.device.map { "\($0.bytes.inBytes) \($0.name)" }
            return row(
                "memory",
                "about \(plan.device.total.inBytes) while training: \(parts.joined(separator: ", "))"
            )
        } catch {
            return row("memory", "cannot be told: \(error)")
        }
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

    func millions(_ count: Int) -> String {
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
