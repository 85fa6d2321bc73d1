import Foundation
import NIOCore

/// The names under which browsers may address the server.
///
/// A page of another site can make its own name point to this machine (DNS rebinding), but not send another `Host`.
struct ServedNames: Sendable {
    private let names: Set<String>

    init(_ configuration: StudioConfiguration) {
        var names: Set = ["localhost", "127.0.0.1", "[::1]", Self.shown(configuration.host)]
        names.formUnion(configuration.allowedHosts.map(Self.shown))
        if ["0.0.0.0", "::"].contains(configuration.host) {
            names.insert(ProcessInfo.processInfo.hostName.lowercased())
            names.formUnion(Self.ownAddresses)
        }
        self.names = names
    }

    /// Whether a `Host` header, with or without a port, names this server.
    func contains(_ authority: String?) -> Bool {
        guard let authority, let host = Self.host(of: authority) else { return false }
        return names.contains(host)
    }

    /// The part before the port, in small letters; nil for anything that is no host.
    static func host(of authority: String) -> String? {
        let pattern = #/(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+)(?::\d{1,5})?/#
        return authority.wholeMatch(of: pattern).map { $0.1.lowercased() }
    }

    /// An address with brackets where a URL needs them.
    static func shown(_ host: String) -> String {
        host.contains(":") && !host.hasPrefix("[") ? "[\(host.lowercased())]" : host.lowercased()
    }

    private static var ownAddresses: [String] {
        let devices = (try? System.enumerateDevices()) ?? []
        return devices.compactMap { $0.address?.ipAddress }.map(shown)
    }
}
