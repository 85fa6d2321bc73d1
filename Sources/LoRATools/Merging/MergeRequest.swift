public import Adapters
public import Torch

/// What is to be merged, how, and where to.
public struct MergeRequest: Sendable {
    /// The files with their strengths, in the order in which ways name them.
    public var inputs: [AdapterChoice]
    /// Where the result goes.
    public var output: String
    /// Which way is gone where.
    public var modes = MergeModes()
    /// From 0, the exact sum, to 1; nil for each way's own: 0.9, and 0.5 where loud ones are damped.
    public var strength: Double?
    /// How directions are weighed where adapters are isolated.
    public var kind = IsolateMethod.Kind.energy
    /// What is kept apart where adapters are isolated.
    public var side = IsolateMethod.Side.input
    /// Over what loudness is compared where loud ones are damped.
    public var granularity = DampMethod.Granularity.pathway
    /// Weight of leaving prompts alone that name no character.
    public var anchor = 0.1
    /// What layers were seen to read, measured for these files together; `calibrated` needs it, or statistics.
    public var calibration: String?
    /// What layers were seen to read, a file for each adapter, in any order.
    public var statistics: [String] = []
    /// The command that measures, for a message.
    public var calibrateCommand =
        "likeness lora calibrate JOB.yaml with a merge job that names these files, this output and a model "
        + "(likeness lora calibrate --help shows one)"
    /// The base model's file, needed to add DoRAs.
    public var base: String?
    /// Rank that a LoKr gets whose second factor is whole.
    public var kroneckerRank: Int?
    /// Type of all factors in the file; nil keeps that of the inputs where they agree.
    public var dtype: DType?
    /// Spelling of the names; nil for that of the first file.
    public var dialect: KeyDialect?
    /// Whether interference is measured at every layer even where nothing is changed.
    public var measuresAll = false
    /// Layers that are worked on at the same time; what is written does not depend on it.
    public var threads: Int

    /// A merge of files into one.
    public init(_ inputs: [AdapterChoice], to output: String, threads: Int = LibTorch.threadCount) {
        (self.inputs, self.output, self.threads) = (inputs, output, threads)
    }

    /// The method of a way.
    func method(_ mode: MergeMode) -> any MergeMethod {
        let adapter = mode.adapter ?? 0
        let strength = mode.strength ?? strength
        switch mode.kind {
        case .sum: return SumMethod()
        case .pick: return PickMethod(adapter)
        case .isolate: return IsolateMethod(strength: strength ?? 0.9, kind: kind, side: side)
        case .protect: return ProtectMethod(adapter, strength: strength ?? 0.9, kind: kind)
        case .damp:
            return DampMethod(
                strength: strength ?? 0.5,
                granularity: mode.granularity ?? granularity
            )
        case .calibrated: return CalibratedMethod(anchor: anchor)
        }
    }

    /// What is wrong with the request itself, before any file is opened.
    var faults: [LoRAError] {
        var faults: [LoRAError] = []
        if inputs.isEmpty {
            faults.append(LoRAError(at: output, "has no inputs", fix: "name the files to merge"))
        }
        do throws(LoRAError) {
            try LoRAOutput.check(output, inputs: inputs.map(\.path))
        } catch {
            faults.append(error)
        }
        for mode in modes.all {
            guard let adapter = mode.adapter, adapter >= inputs.count else { continue }
            faults.append(
                LoRAError(
                    at: "\(mode)",
                    "names file \(adapter + 1), there are \(inputs.count)",
                    fix: "count the files from 1"
                )
            )
        }
        if let strength, !(0...1).contains(strength) {
            faults.append(
                LoRAError(at: "strength", "is \(strength), should be 0 to 1", fix: "correct it")
            )
        }
        return faults + measuredFaults
    }
}
