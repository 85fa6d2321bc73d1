import Foundation

extension HubClient {
    /// Repeats what fails on the way, with growing waits; refusals and faults of this machine are
    /// final.
    func retrying<Result>(_ body: () async throws -> Result) async throws -> Result {
        var failures = 0
        while true {
            do {
                return try await body()
            } catch {
                failures += 1
                try await pause(after: error, failures: failures)
            }
        }
    }

    /// Waits before the next try; throws if there should be none.
    func pause(after error: any Error, failures: Int) async throws {
        try Task.checkCancellation()
        let fault = (error as? ModelHubError) ?? connectionFault(error)
        guard fault.kind == .network, failures < network.attempts else { throw fault }
        try await Task.sleep(for: network.delay(afterFailure: failures))
    }

    private func connectionFault(_ error: any Error) -> ModelHubError {
        ModelHubError(
            .network,
            at: environment.endpoint,
            "cannot be reached or broke off (\(error)), should answer",
            fix: "check the network and start again, what is here is kept; "
                + "HF_HUB_OFFLINE=1 uses only models that are here"
        )
    }
}
