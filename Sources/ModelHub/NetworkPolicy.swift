/// How patient the client is.
struct NetworkPolicy: Sendable {
    /// Tries in a row that may bring nothing; each byte that comes starts the count again.
    var attempts = 6
    /// Wait after the first failure; it doubles with each further one, up to half a minute.
    var firstDelay: Duration = .seconds(1)
    var connectSeconds: Int64 = 20
    /// How long the other side may stay silent.
    var silenceSeconds: Int64 = 60

    func delay(afterFailure count: Int) -> Duration {
        min(firstDelay * (1 << min(count - 1, 10)), .seconds(30))
    }
}
