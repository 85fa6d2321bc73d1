import ClipData
import TrainingRun

/// The clips of a plan, one by one, in the order of their places.
struct PlannedClips {
    struct One {
        let items: [PlannedItem]
        let role: ClipReview.Role
        let notes: [String]
    }

    let all: [One]

    init(_ plan: RunPlan) {
        all =
            (Self.clips(of: plan.clips) { $0 ? .regularisation : .training }
            + (plan.heldOut.map { Self.clips(of: $0) { _ in .heldOut } } ?? []))
            .sorted { Self.path(of: $0) < Self.path(of: $1) }
    }

    /// A clip of several datasets teaches the character if one of them does.
    private static func clips(
        of plan: ClipPlan,
        role: (Bool) -> ClipReview.Role
    ) -> [One] {
        let notes = Dictionary(grouping: plan.notes, by: \.name)
        return Dictionary(grouping: plan.items, by: \.clip.path).values.map { items in
            One(
                items: items,
                role: role(items.allSatisfy { plan.datasets[$0.dataset].isRegularisation }),
                notes: (notes[items[0].clip.name] ?? []).filter(\.isNews).map(\.note.description)
            )
        }
    }

    private static func path(of clip: One) -> String { clip.items.first?.clip.path ?? "" }
}

extension ClipPlan.NotedClip {
    /// Whether the remarks on a clip do not say the same in more words.
    fileprivate var isNews: Bool {
        switch note {
        case .noSound, .stretched: false
        default: true
        }
    }
}
