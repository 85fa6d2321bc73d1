import Foundation
import RunConfig
import RunFiles
import Sampling
import Training

/// One preview of a run.
struct PreviewPlan {
    /// Its place in the list.
    let number: Int
    /// What it shall be.
    var request: SampleRequest
    /// Strength of what is trained; 0 shows the base model.
    let strength: Double
    /// Ending of its file.
    let ending: String
    /// What it begins with.
    var given = GivenLatents()

    init(_ item: SampleItem, number: Int, format: String, trigger: String?) {
        self.number = number
        request = item.request(trigger: trigger)
        strength = item.networkMultiplier
        ending = item.numFrames > 1 ? "mp4" : format == "mp4" ? "png" : format
    }

    /// For messages.
    var title: String { "preview \(number + 1) (\"\(request.prompt.prefix(40))\")" }

    /// `<milliseconds>__<step>_<number>.<ending>`, as ai-toolkit names previews.
    func fileName(step: Int, of count: Int, at date: Date = Date()) -> String {
        let place = String(number)
        let width = String(max(count - 1, 0)).count
        let zeros = String(repeating: "0", count: max(0, width - place.count))
        let milliseconds = Int(date.timeIntervalSince1970 * 1000)
        return "\(milliseconds)__\(RunFolder.digits(step))_\(zeros)\(place).\(ending)"
    }
}

extension RunPlan {
    /// Previews while training; none without a `sample` section.
    var previews: [PreviewPlan] { previews(of: file.sample) }

    /// Previews before the first step.
    var firstPreviews: [PreviewPlan] { previews(of: file.firstSample ?? file.sample) }

    private func previews(of section: SampleSection?) -> [PreviewPlan] {
        guard let section, !file.train.disableSampling else { return [] }
        return section.samples.enumerated().map {
            PreviewPlan(
                $1,
                number: $0,
                format: section.format,
                trigger: file.triggerWord
            )
        }
    }

    /// When they are made.
    var previewTimes: PreviewTimes? {
        guard let section = file.sample, !previews.isEmpty else { return nil }
        let train = file.train
        return PreviewTimes(
            every: section.sampleEvery,
            start: section.sampleStartStep,
            first: train.forceFirstSample ? .always : train.skipFirstSample ? .never : .ofNewRuns
        )
    }

    /// The texts of all previews.
    var previewTexts: [String] { (previews + firstPreviews).flatMap(\.request.texts) }
}
