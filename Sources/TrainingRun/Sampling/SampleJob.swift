public import Adapters
public import RunConfig
public import Sampling
public import Torch

/// Samples that are made apart from any run: a model, adapter files, and what is to be made.
public struct SampleJob {
    /// One sample and its files.
    public struct Item: Sendable {
        /// What it shall be.
        public var request: SampleRequest
        /// Where it goes.
        public var target: SampleTarget

        /// A sample for a file.
        public init(_ request: SampleRequest, to target: SampleTarget) {
            self.request = request
            self.target = target
        }
    }

    /// The model, and how it is kept in memory.
    public var model: ModelSection
    /// Adapters that are used.
    public var adapters: [AdapterChoice] = []
    /// What is made.
    public var items: [Item]
    /// Whether each is also made by the base model, from the same noise.
    public var compares = false
    /// Where it is computed.
    public var device: Device

    /// A job for a model.
    public init(model: ModelSection, items: [Item], device: Device) {
        self.model = model
        self.items = items
        self.device = device
    }

    /// The first thing in it that cannot be made; nil if there is none.
    public var fault: String? {
        for (number, item) in items.enumerated() {
            let place = items.count > 1 ? "sample \(number + 1): " : ""
            if let fault = item.request.fault { return place + fault }
            if let fault = item.fault { return place + fault }
        }
        if compares, adapters.isEmpty {
            return
                "--compare shows the model with and without adapters, and there is none; add --lora FILE"
        }
        return nil
    }
}

extension SampleJob.Item {
    /// The file must be able to hold what is made.
    fileprivate var fault: String? {
        guard let holds = target.output else {
            return
                "\(target.path): its ending says nothing of what it is; use mp4, wav, m4a, png, jpg or webp"
        }
        switch (holds, request.output) {
        case (.movie, .movie), (.movie, .picture), (.sound, .sound): return nil
        case (.picture, .picture) where request.frameCount == 1: return nil
        case (.picture, _):
            return "\(target.path): is a single picture, and \(request.frameCount) frames with "
                + "\(request.output.rawValue) are made; add --frames 1 --only picture, or name an mp4 file"
        case (.sound, _):
            return "\(target.path): holds sound alone; add --only sound, or name an mp4 file"
        case (.movie, .sound):
            return "\(target.path): is a movie, and only sound is made; name a wav or m4a file"
        }
    }
}
