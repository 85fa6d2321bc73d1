extension RunFile {
    /// An error for each thing that the file asks for and the program cannot do; sorted by line.
    ///
    /// It is a warning where the program has something to do instead (`Capabilities.substitutes`).
    public func unsupported(by capabilities: Capabilities) -> [Diagnostic] {
        var check = CapabilityCheck(runFile: self, capabilities: capabilities)
        for (index, process) in processes.enumerated() {
            check.prefix = processes.count > 1 ? "process[\(index)]." : ""
            check.checkChoices(of: process)
            check.checkFeatures(of: process)
        }
        if processes.count > 1 { check.feature(.severalProcesses, "config.process") }
        return check.found.sortedByLine()
    }
}

/// Compares one process after another with what the program can do.
private struct CapabilityCheck {
    let runFile: RunFile
    let capabilities: Capabilities
    var prefix = ""
    var found: [Diagnostic] = []

    mutating func checkChoices(of process: ProcessSection) {
        let train = process.train
        if let type = process.network?.type {
            choice("network.type", type, capabilities.networkTypes)
        }
        choice("train.optimizer", train.optimizer, capabilities.optimizers)
        choice("train.lr_scheduler", train.lrScheduler, capabilities.schedulers)
        choice("train.timestep_type", train.timestepType, capabilities.timestepTypes)
        choice("train.loss_type", train.lossType, capabilities.lossTypes)
        if let arch = process.model.arch { choice("model.arch", arch, capabilities.architectures) }
        if let format = process.model.quantize?.format {
            choice("model.quantize", format, capabilities.quantizations)
        }
        let encoderFormat = process.model.quantizeTE?.format
        if let format = encoderFormat, format != process.model.quantize?.format {
            choice("model.quantize_te", format, capabilities.quantizations)
        }
    }

    mutating func checkFeatures(of process: ProcessSection) {
        for (isAsked, what, path) in FeatureRequests.of(process) where isAsked {
            feature(what, path)
        }
        for (index, dataset) in process.datasets.enumerated() {
            for (isAsked, what, key) in FeatureRequests.of(dataset) where isAsked {
                feature(what, "datasets[\(index)].\(key)")
            }
        }
    }

    mutating func feature(_ feature: Feature, _ path: String) {
        guard !capabilities.features.contains(feature) else { return }
        let message = "this program cannot do it yet"
        add(path, nil, message, fix: "remove the key to train without it")
    }

    private mutating func choice<Choice: RawRepresentable<String>>(
        _ path: String,
        _ choice: Choice,
        _ possible: Set<Choice>
    ) {
        guard !possible.contains(choice) else { return }
        let words = possible.map(\.rawValue).sorted().joined(separator: ", ")
        add(
            path,
            choice.rawValue,
            "\(choice.rawValue) is something this program cannot do yet",
            fix: possible.isEmpty ? "remove the key" : "it can do \(words)"
        )
    }

    private mutating func add(_ path: String, _ value: String?, _ message: String, fix: String) {
        let place = prefix + path
        let key = Place(path: path, line: 1).schemaPath
        let byValue = value.flatMap { capabilities.substitutes["\(key)=\($0)"] }
        let substitute = byValue ?? capabilities.substitutes[key]
        let whole = substitute.map { "\(message): \($0)" } ?? message
        let preset = presetWords(path, whole)
        found.append(
            Diagnostic(
                severity: substitute == nil ? .error : .warning,
                file: runFile.fileName,
                line: runFile.line(of: preset?.place ?? place),
                path: preset?.place ?? place,
                message: preset?.message ?? whole,
                fix: substitute == nil ? preset?.fix ?? fix : ""
            )
        )
    }

    /// What a preset asks for is said of the preset: the file has no other line for it.
    private func presetWords(
        _ path: String,
        _ message: String
    ) -> (place: String, message: String, fix: String)? {
        let isPreset = runFile.presetValues.contains {
            $0.path == prefix + path && !$0.isOverridden
        }
        guard isPreset else { return nil }
        let fix = "give \(path) another value, or remove the preset"
        return ("\(prefix)preset", "sets \(path): \(message)", fix)
    }
}
