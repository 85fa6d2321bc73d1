extension ClipPlan {
    /// Files that are trained on without sound: images, videos without a track, sets that want none.
    public var silentFiles: Int {
        Set(items.filter { !$0.bringsSound }.map(\.clip.path)).count
    }

    /// Whether some items bring sound and some do not.
    public var isMixed: Bool {
        items.contains(where: \.bringsSound) && !items.allSatisfy(\.bringsSound)
    }
}

extension PlannedItem {
    /// Whether its sound is wanted and its file has a track.
    public var bringsSound: Bool { audio != nil && clip.facts.hasSound }
}
