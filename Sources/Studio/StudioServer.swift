/// The local web studio.
public struct StudioServer: Sendable {}
