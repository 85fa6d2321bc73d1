/// What can be expected.
public enum Verdict: String, Codable, Sendable, CaseIterable {
    /// It should work.
    case yes
    /// It may work; the reasons say what stands against it.
    case doubtful
    /// It will not work as things are.
    case no
    /// Nobody asked for it.
    case notAsked = "not_asked"

    /// The worse of two; what was not asked for does not count.
    func worse(_ other: Verdict) -> Verdict {
        let order: [Verdict] = [.notAsked, .yes, .doubtful, .no]
        let places = [self, other].map { order.firstIndex(of: $0) ?? 0 }
        return order[max(places[0], places[1])]
    }
}

/// Something a maker should know, and how bad it is for what is to be learned.
public struct Remark: Codable, Sendable, Equatable {
    /// What it is about.
    public enum Subject: String, Codable, Sendable {
        /// The picture.
        case face
        /// The sound.
        case voice
        /// Both, or neither.
        case run
    }

    /// What it is about.
    public let subject: Subject
    /// How much it takes away from the verdict; `yes` takes nothing.
    public let effect: Verdict
    /// What is, what should be, what to do.
    public let text: String

    /// Joins subject, effect and text.
    public init(_ subject: Subject, _ effect: Verdict, _ text: String) {
        self.subject = subject
        self.effect = effect
        self.text = text
    }
}

extension [Remark] {
    /// The worst that is said about a subject.
    func verdict(on subject: Remark.Subject) -> Verdict {
        filter { $0.subject == subject || $0.subject == .run }
            .reduce(.yes) { $0.worse($1.effect) }
    }
}
