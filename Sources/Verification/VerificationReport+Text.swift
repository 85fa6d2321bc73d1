import Foundation

extension VerificationReport {
    func count(_ status: Status) -> Int {
        sections.reduce(0) { $0 + $1.lines.count { $0.status == status } }
    }

    /// Lines for people, the totals last.
    ///
    /// - Parameter everyTensor: whether each tensor gets a line; otherwise only failures do, and each
    ///   recording has one line with its worst tensor.
    /// - Returns: the lines, without a line break at the end.
    public func text(everyTensor: Bool) -> String {
        let width = max(28, sections.flatMap(\.lines).map(\.tensor.count).max() ?? 0)
        let blocks = sections.map { section in
            let listed = section.lines.filter { everyTensor || $0.status == .failed }
            let rows = listed.map { "  " + $0.text(width: width) }
            return ([section.summary] + rows).joined(separator: "\n")
        }
        let skipped = sections.flatMap(\.lines).count - count(.passed) - count(.failed)
        let totals = "\(count(.passed)) passed, \(count(.failed)) failed, \(skipped) skipped"
        return (blocks + [totals]).joined(separator: "\n")
    }
}

extension VerificationReport.Section {
    /// Reads `ltx23_vae_io (video VAE): 3 of 3 agree, worst 4.1e-07 at enc.mean; 4 skipped (no decoder yet)`.
    fileprivate var summary: String {
        let compared = lines.filter { $0.error != nil }
        let agreeing = compared.count { $0.status == .passed }
        let worst = compared.max { $0.severity < $1.severity }.map {
            ", worst \(number($0.error ?? .nan)) at \($0.tensor)"
        }
        let counts = compared.isEmpty ? nil : "\(agreeing) of \(compared.count) agree\(worst ?? "")"
        let reasons = lines.compactMap { line in
            if case .skipped(let reason) = line.status { reason } else { nil }
        }
        let causes = Set(reasons).sorted().joined(separator: "; ")
        let skipped = reasons.isEmpty ? nil : "\(reasons.count) skipped (\(causes))"
        let parts = [counts, skipped].compactMap(\.self).joined(separator: "; ")
        return "\(recording) (\(component)): \(parts)"
    }
}

extension VerificationReport.Line {
    /// Error as a share of what is allowed; differences that are no numbers come first.
    fileprivate var severity: Double {
        guard let error, !error.isNaN else { return .infinity }
        return error / max(tolerance, 1e-12)
    }

    fileprivate func text(width: Int) -> String {
        let name = tensor.padding(toLength: max(width, tensor.count), withPad: " ", startingAt: 0)
        switch status {
        case .passed: return "\(name)  \(number(error ?? .nan))  of \(number(tolerance))  passed"
        case .failed: return "\(name)  \(number(error ?? .nan))  of \(number(tolerance))  FAILED"
        case .skipped(let reason): return "\(name)  skipped: \(reason)"
        }
    }
}

/// Seven characters wide for all that is finite.
private func number(_ value: Double) -> String { String(format: "%7.1e", value) }
