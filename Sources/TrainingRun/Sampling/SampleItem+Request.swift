package import Media
import RunConfig
package import Sampling

extension SampleItem {
    /// What the item asks for; the tags of captions stand for the trigger word in prompts too.
    ///
    /// A guidance scale of 1 turns all guidance off: that is what distilled models want.
    func request(trigger: String?) -> SampleRequest {
        let word = trigger ?? ""
        func filled(_ text: String) -> String {
            text.replacing("[trigger]", with: word).replacing("[name]", with: word)
        }
        var request = SampleRequest(prompt: filled(prompt))
        request.negative = filled(neg)
        (request.width, request.height, request.frameCount) = (width, height, numFrames)
        request.fps = fps
        request.steps = sampleSteps
        request.seed = UInt64(max(0, seed))
        request.output = numFrames == 1 ? .picture : .movie
        request.firstPicture = ctrlImg
        request.guidance.video = guidanceScale
        request.guidance.rescale = guidanceRescale
        if guidanceScale == 1 {
            request.guidance.audio = 1
            request.guidance.perturbation = 0
            request.guidance.modality = 1
        }
        return request
    }
}

extension SampleRequest {
    /// What the file of a sample says of itself.
    package func metadata(adapter: String, checkpoint: String) -> MovieMetadata {
        [
            "title": prompt,
            "prompt": prompt,
            "negative_prompt": negative,
            "seed": String(seed),
            "adapter": adapter,
            "checkpoint": checkpoint,
            "software": "likeness \(Likeness.version)",
        ]
    }
}
