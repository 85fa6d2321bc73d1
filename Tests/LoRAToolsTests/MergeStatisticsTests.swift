import Adapters
import Foundation
import Safetensors
import Testing
import Torch

@testable import LoRATools

/// What runs save of their layers' inputs, against the sums over those inputs.
@Suite("Merging, saved statistics")
struct MergeStatisticsTests {
    private let samples: MergeSamples
    private let pair: [LowRankFactors]

    init() throws {
        samples = try MergeSamples(seed: 9)
        pair = samples.pair.map {
            LowRankFactors(down: $0.down.to(.float32), up: $0.up.to(.float32))
        }
    }

    /// Inputs `[N, 80]` with singular values that fall off.
    private func inputs(_ count: Int, decay: Double = 0) -> Tensor {
        let fall = (Tensor.range(to: 80, dtype: .float64) * -decay).exp()
        let turn = samples.normal(80, 80).singularValues().vt
        return (samples.normal(count, 80) * fall).matmul(turn).to(.float32)
    }

    private func sketch(_ x: Tensor, size: Int, pieces: Int = 1, limit: Int = 10_000) -> Tensor {
        let sketch = InputSketch(size: size, limit: limit)
        let count = x.size(0) / pieces
        for piece in 0..<pieces { sketch.add(x.narrow(0, from: piece * count, count: count)) }
        return sketch.result ?? x
    }

    private func gram(_ rows: Tensor) -> Tensor {
        let exact = rows.to(.float64)
        return exact.transposed.matmul(exact)
    }

    private func statistics(_ rows: [Tensor]) -> LayerStatistics {
        let down = Tensor.concatenate(pair.map(\.down), axis: 0).to(.float64)
        return LayerStatistics(
            adapters: rows.map {
                let image = down.matmul($0.to(.float64).transposed)
                return image.matmul(image.transposed)
            }
        )
    }

    // MARK: - The sketch

    @Test("where there are no more rows than are kept, the merge is that from the sums themselves")
    func exact() throws {
        try withTorchErrors {
            let rows = [inputs(40), inputs(60)]
            let sketches = rows.map { sketch($0, size: 64, pieces: 4) }
            for (x, s) in zip(rows, sketches) { #expect(gram(s).distance(from: gram(x)) < 1e-6) }
            let method = CalibratedMethod()
            let distance = try merged(method, pair, statistics(sketches))
                .distance(from: merged(method, pair, statistics(rows)))
            #expect(distance < 1e-5)
        }
    }

    @Test("many rows of few directions lose nothing either")
    func fewDirections() throws {
        try withTorchErrors {
            let x = samples.normal(900, 30).matmul(samples.normal(30, 80)).to(.float32)
            let kept = sketch(x, size: 32, pieces: 9)
            #expect(kept.shape == [32, 80])
            #expect(gram(kept).distance(from: gram(x)) < 1e-5)
        }
    }

    @Test("of many rows the strongest directions stay: nearly as near as rank k can be")
    func strongest() throws {
        try withTorchErrors {
            let x = inputs(2000, decay: 0.05)
            let rest = gram(x) - gram(sketch(x, size: 32, pieces: 8))
            let values = x.to(.float64).singularValues().s.doubles()
            // The best matrix of rank 32 leaves the 33rd square; frequent directions would shrink by its mean.
            #expect(rest.singularValues().s.doubles()[0] < 2 * values[32] * values[32])
            #expect(rest.symmetricEigen().values.doubles()[0] > -1e-3)
        }
    }

    @Test("a merge from 32 rows of 2000 is nearly as good as one from all of them")
    func mergedErrors() throws {
        try withTorchErrors {
            let rows = [inputs(2000, decay: 0.1), inputs(2000, decay: 0.1)]
            let whole = MergeLayer(pair, statistics: statistics(rows))
            let thin = MergeLayer(
                pair,
                statistics: statistics(rows.map { sketch($0, size: 32, pieces: 8) })
            )
            let method = CalibratedMethod()
            func errors(_ mixing: Mixing) -> [Double] {
                whole.interference(of: mixing).errors.compactMap(\.self)
            }
            let (sum, best) = (errors(.none), errors(try method.mixing(of: whole)))
            let found = errors(try method.mixing(of: thin))
            for index in 0..<2 {
                #expect(best[index] < 0.5 * sum[index])
                #expect(found[index] < best[index] + 0.05 * sum[index])
            }
        }
    }

    @Test("however many rows come, twice as many as stay are the most that are held")
    func bounded() throws {
        try withTorchErrors {
            let sketch = InputSketch(size: 16, limit: 1_000_000)
            for count in [1, 15, 17, 3000, 40, 1] {
                sketch.add(inputs(count))
                #expect(sketch.heldCount <= 32)
            }
            #expect(sketch.result?.shape == [16, 80])
        }
    }

    @Test("of more rows than are looked at, some at even distances stand for all")
    func picked() throws {
        try withTorchErrors {
            let x = inputs(4000, decay: 0.1)
            let sketch = InputSketch(size: 40, limit: 500)
            for part in 0..<4 { sketch.add(x.narrow(0, from: part * 1000, count: 1000)) }
            let found = try #require(sketch.result)
            #expect(gram(found).distance(from: gram(x)) < 0.1)
        }
    }
}

/// Files of statistics through a merge: found, matched with their adapters, refused.
@Suite("Merging, files of statistics")
struct MergeStatisticsFileTests {
    private static let names = ["to_q", "to_k", "to_v", "to_out.0"].map {
        "transformer_blocks.0.attn1.\($0)"
    }

    private let scene: AdapterScene
    private let paths: [String]
    private let inputs: [[Tensor]]

    init() throws {
        let scene = try AdapterScene()
        self.scene = scene
        let layers = Self.names.map { (path: $0, input: 8, output: 8) }
        paths = try ["a", "b"].map {
            try scene.write($0, scene.lowRank(layers, dtype: .float32))
        }
        inputs = (0..<2).map { _ in [scene.normal([2, 20, 8]), scene.normal([2, 20, 8])] }
    }

    /// An attention's layers see inputs of an adapter; its file of statistics is written.
    @discardableResult
    private func watch(_ number: Int, to path: String? = nil) throws -> String {
        let place = path ?? MergeRequest.statisticsPlace(for: paths[number])
        let layers = try withTorchErrors {
            Self.names.map { Linear(path: $0, weight: DenseWeight(scene.normal([8, 8]))) }
        }
        let collector = StatisticsCollector(layers)
        try withTorchErrors {
            collector.watching {
                for layer in layers.dropLast() { _ = layer(inputs[number][0]) }
                _ = layers[3](inputs[number][1])
            }
        }
        #expect(layers.allSatisfy { $0.adapter == nil })
        try collector.write(to: place, adapter: paths[number])
        return place
    }

    /// The sums over the same inputs, as `likeness lora calibrate` writes them.
    private func calibration() throws -> String {
        let collector = try CalibrationCollector(files: paths, device: .cpu)
        try withTorchErrors {
            for number in 0..<2 {
                let layers = Self.names.map {
                    Linear(path: $0, weight: DenseWeight(.zeros([8, 8])))
                }
                collector.watch(layers, adapter: number)
                for layer in layers.dropLast() { _ = layer(inputs[number][0]) }
                _ = layers[3](inputs[number][1])
            }
        }
        let place = scene.path("measured")
        try collector.write(to: place)
        return place
    }

    private func request(
        _ change: (inout MergeRequest) -> Void = { _ in }
    ) throws -> MergeRequest {
        var request = MergeRequest(paths.map { AdapterChoice(path: $0) }, to: scene.path("out"))
        request.modes = MergeModes(MergeMode(.calibrated))
        change(&request)
        return request
    }

    private func merge(_ request: MergeRequest) async throws -> [Tensor] {
        let report = try await MergeRun(request).run()
        #expect(report.pathways.allSatisfy { $0.errorsAfter.count == 2 })
        return try withTorchErrors {
            try LoRAFile(path: request.output).layers.map { try $0.factors().dense }
        }
    }

    @Test("layers that are given the same tensor share their rows")
    func shared() throws {
        let file = try SafetensorsFile(path: try watch(0))
        #expect(file.names.sorted() == [Self.names[0], Self.names[3]].sorted())
        #expect(file.info(Self.names[0])?.shape == [40, 8])
    }

    @Test(
        "a merge from statistics is that from the sums of the same inputs, but for rounding to bfloat16"
    )
    func sameAsCalibration() async throws {
        for number in 0..<2 { try watch(number) }
        let sums = try calibration()
        let reference = try await merge(request { $0.calibration = sums })
        var found = try request()
        #expect(
            found.findMeasuredInputs()
                == "calibrated by \(scene.path("a.statistics")), \(scene.path("b.statistics"))"
        )
        let saved = try await merge(found)
        for (p, q) in zip(saved, reference) { #expect(p.distance(from: q) < 0.02) }
    }

    @Test("a calibration beside the result comes before statistics")
    func calibrationFirst() throws {
        for number in 0..<2 { try watch(number) }
        let sums = try calibration()
        try FileManager.default.moveItem(atPath: sums, toPath: scene.path("out.calibration"))
        var found = try request()
        #expect(found.findMeasuredInputs() == "calibrated by \(scene.path("out.calibration"))")
        #expect(found.statistics.isEmpty)
    }

    @Test("what no way needs is named as not used")
    func inVain() throws {
        var sum = try request { ($0.modes, $0.calibration) = (MergeModes(MergeMode(.sum)), "c") }
        #expect(sum.findMeasuredInputs() == "c: not used, no way is calibrated")
    }

    @Test("without any, the refusal names the places and the command")
    func nothingMeasured() throws {
        try watch(0)
        let refusal = #expect(throws: MergeRefusal.self) {
            var nothing = try request { $0.calibrateCommand = "likeness lora calibrate job.yaml" }
            _ = nothing.findMeasuredInputs()
            _ = try MergeRun(nothing)
        }
        #expect(
            refusal?.description
                == "calibrated: has no measured inputs, neither \(scene.path("out.calibration")) nor "
                + "\(scene.path("b.statistics")) is there; run likeness lora calibrate job.yaml"
        )
    }

    @Test("statistics of another adapter, or for only one of two, are refused; so are other files")
    func refusals() async throws {
        let first = try watch(0)
        let second = try watch(1)
        try scene.write(
            "b",
            scene.lowRank(Self.names.map { (path: $0, input: 8, output: 8) }, dtype: .float32)
        )
        let other = try await fault([first, second])
        #expect(
            other.hasPrefix(
                "\(second): was measured with another adapter or another version of it"
            ),
            "\(other)"
        )
        #expect(
            try await fault([first])
                == "\(paths[1]): has no statistics for merging among \(first), should have; name its file "
                + "too, or run likeness lora calibrate"
        )
        #expect(
            try await fault([paths[0], first])
                == "\(paths[0]): holds no statistics for merging, should be written at the end of a training "
                + "run; check the path; a run writes one with save: {merge_statistics: true}"
        )
        #expect(!scene.names.contains("out.safetensors"))
    }

    private func fault(_ files: [String]) async throws -> String {
        let asked = try request { $0.statistics = files }
        do {
            _ = try await MergeRun(asked).run()
            return "no fault"
        } catch let error as LoRAError {
            return error.description
        }
    }
}
