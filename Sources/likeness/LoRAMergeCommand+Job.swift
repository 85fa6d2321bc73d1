import Adapters
import Foundation
import LoRATools
import RunConfig
import Torch
import TrainingRun

extension MergeRequest {
    /// What a merge job asks for.
    init(_ section: MergeSection, threads: Int?) throws {
        self.init(
            try section.files.map { file in
                AdapterChoice(
                    path: file.path,
                    strengths: try PathwayStrengths(parsing: file.strength, at: file.path)
                )
            },
            to: section.output
        )
        if let threads { self.threads = threads }
        modes = MergeModes(try MergeMode(parsing: section.mode, at: "mode"))
        for (name, way) in section.pathways.sorted(by: { $0.key < $1.key }) {
            try modes.set(name, MergeMode(parsing: way, at: "pathways"), at: "pathways")
        }
        (strength, anchor) = (section.strength, section.anchor)
        (kind, side) = (section.weighing.kind, section.side.side)
        (granularity, dialect) = (section.granularity.granularity, section.dialect?.dialect)
        (calibration, base) = (section.calibration, section.base)
        statistics = section.files.compactMap(\.statistics)
        (kroneckerRank, dtype) = (section.kroneckerRank, section.dtype?.stored)
    }
}

extension MergeReport {
    private struct Content: Encodable {
        let files: [File]
        let modes: String
        let pathways: [PathwayMeasures]
        let words: [String]
        let bytes: Int
        let seconds: Double
    }

    private struct File: Encodable {
        let name: String
        let strength: String
        let sha256: String
        /// Share of its change that a chosen rank cut off.
        let lost: Double?
    }

    /// All that was measured, as JSON.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let files = names.indices.map {
            File(
                name: names[$0],
                strength: "\(strengths[$0])",
                sha256: digests[$0],
                lost: truncations[$0]?.share
            )
        }
        let content = Content(
            files: files,
            modes: "\(modes)",
            pathways: pathways,
            words: words,
            bytes: byteCount,
            seconds: seconds
        )
        return String(decoding: try encoder.encode(content), as: UTF8.self)
    }
}

extension ComputeDType {
    /// The type of elements in a file.
    var stored: DType {
        switch self {
        case .bf16: .bfloat16
        case .fp16: .float16
        case .fp32: .float32
        }
    }
}

extension MergeWeighing {
    fileprivate var kind: IsolateMethod.Kind {
        switch self {
        case .energy: .energy
        case .flat: .flat
        }
    }
}

extension MergeSide {
    fileprivate var side: IsolateMethod.Side {
        switch self {
        case .input: .input
        case .output: .output
        case .both: .both
        }
    }
}

extension MergeGranularity {
    fileprivate var granularity: DampMethod.Granularity {
        switch self {
        case .column: .column
        case .module: .module
        case .pathway: .pathway
        case .file: .file
        }
    }
}

extension MergeDialect {
    fileprivate var dialect: KeyDialect {
        switch self {
        case .comfyUI: .comfyUI
        case .diffusers: .diffusers
        case .kohya: .kohya
        case .peft: .peft
        case .lycoris: .lycoris
        case .plain: .plain
        }
    }
}
