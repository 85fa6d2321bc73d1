import Adapters
import Foundation
import Safetensors
import Torch

extension LoRALayer {
    /// Width that the layer takes in a merge.
    ///
    /// - Throws: `LoRAError` for a kind that has no exact thin form, or for a LoKr that needs a rank to be chosen.
    func mergedRank(kronecker limit: Int?) throws(LoRAError) -> Int {
        switch kind {
        case .lora, .dora: return rank ?? 0
        case .loha: return (shape("hada_w1_b")?[0] ?? 0) * (shape("hada_w2_b")?[0] ?? 0)
        case .lokr:
            guard let first = factorShape("lokr_w1") else { return 0 }
            let narrow = min(first[0], first[1])
            if let right = shape("lokr_w2_b") { return narrow * right[0] }
            guard let limit else { throw wholeKronecker }
            let second = shape("lokr_w2") ?? [0, 0]
            return min(limit, narrow * min(second[0], second[1]))
        case .fullrank:
            throw fault(
                "is a whole difference beside another adapter, should be of a low rank",
                fix: "make a LoRA of it with likeness lora resize, or pick one of the files there"
            )
        }
    }

    /// B and A in float32 with the scale of the file.
    func mergedFactors(kronecker limit: Int?) throws -> LowRankFactors {
        try thinFactors(kronecker: limit).factors
    }

    /// The same, with what they leave out.
    func thinFactors(kronecker limit: Int?) throws -> ThinFactors {
        switch kind {
        case .lora, .dora: return ThinFactors(try factors(as: .float32))
        case .loha: return ThinFactors(try hadamardFactors())
        case .lokr: return try kroneckerFactors(limit)
        case .fullrank: throw fault("is a whole difference", fix: "use a LoRA file")
        }
    }

    /// The length of each row of W + ΔW that a DoRA asks for, `[out]`, float32; nil for other kinds.
    ///
    /// A file of LyCORIS or kohya has it as `dora_scale` alone. Beside a `lora_magnitude_vector` that name means
    /// another number, which is for ComfyUI's loader, and is left aside.
    func rowMagnitude() throws -> Tensor? {
        guard kind == .dora else { return nil }
        let name = part("magnitude") != nil ? "magnitude" : "dora_scale"
        return try read(name).to(.float32).reshape(-1)
    }

    /// `(a₁ b₁) ∘ (a₂ b₂)`: each pair of columns gives one of the product.
    private func hadamardFactors() throws -> LowRankFactors {
        let names = ["hada_w1_a", "hada_w1_b", "hada_w2_a", "hada_w2_b"]
        let parts = try names.map { try read($0).to(.float32) }
        let up = parts[0].unsqueeze(2) * parts[2].unsqueeze(1)  // [out, r, r]
        let down = parts[1].unsqueeze(1) * parts[3].unsqueeze(0)  // [r, r, in]
        return LowRankFactors(
            down: down.reshape(-1, inputCount),
            up: up.reshape(outputCount, -1),
            scale: scale
        )
    }

    private func kroneckerFactors(_ limit: Int?) throws -> ThinFactors {
        let first = try whole("lokr_w1")
        if part("lokr_w2_b") != nil {
            let (left, right) = (
                try read("lokr_w2_a").to(.float32), try read("lokr_w2_b").to(.float32)
            )
            return ThinFactors(ExactFactors.kronecker(first, left, right).scaled(scale))
        }
        guard let limit else { throw wholeKronecker }
        let second = try read("lokr_w2").to(.float32)
        let result = ExactFactors.kronecker(
            first,
            whole: second,
            rank: try mergedRank(kronecker: limit)
        )
        let norm = abs(scale) * (first.inner(first) * second.inner(second)).squareRoot()
        return ThinFactors(
            result.factors.scaled(scale),
            truncation: Truncation(whole: norm, lost: norm * result.error)
        )
    }

    /// Whether it is a LoKr that has no small rank, and needs one to be chosen.
    var isWholeKronecker: Bool { kind == .lokr && part("lokr_w2_b") == nil }

    /// What each of some ranks would lose of a LoKr whose second factor is whole.
    func kroneckerLosses(_ ranks: [Int]) throws -> [Truncation] {
        try withTorchErrors {
            let (first, second) = (try whole("lokr_w1"), try read("lokr_w2").to(.float32))
            return ExactFactors.kroneckerLosses(first, whole: second, ranks)
        }
    }

    private func whole(_ name: String) throws -> Tensor {
        if part(name) != nil { return try read(name).to(.float32) }
        return try read(name + "_a").to(.float32).matmul(read(name + "_b").to(.float32))
    }

    private var wholeKronecker: LoRAError {
        fault(
            "is a LoKr whose second factor is whole, so it has no small rank",
            fix: "choose one with --lokr-rank 32; the report says what is lost"
        )
    }

    private func shape(_ name: String) -> [Int]? { part(name)?.stored.shape }

    private func factorShape(_ name: String) -> [Int]? {
        if let whole = shape(name) { return whole }
        guard let left = shape(name + "_a"), let right = shape(name + "_b") else { return nil }
        return [left[0], right[1]]
    }
}

/// The thin matrices of an adapter, and what they leave out of it.
struct ThinFactors {
    /// B and A.
    let factors: LowRankFactors
    /// What a chosen rank cut off; nil where the matrices are exact.
    let truncation: Truncation?

    init(_ factors: LowRankFactors, truncation: Truncation? = nil) {
        (self.factors, self.truncation) = (factors, truncation)
    }
}

extension LowRankFactors {
    fileprivate func scaled(_ scale: Double) -> LowRankFactors {
        LowRankFactors(down: down, up: up, scale: scale)
    }
}
