import Foundation

/// What the server is told when it starts.
public struct StudioConfiguration: Sendable {
    /// Address to listen at; others than this machine's own need a token.
    public var host = "127.0.0.1"
    /// Port to listen at; 0 takes a free one.
    public var port = 7860
    /// Folders that pages may read and write in.
    public var roots: [String]
    /// Where the studio keeps what is its own.
    public var home: String
    /// Further names that browsers may use for this server, as behind a proxy.
    public var allowedHosts: [String] = []
    /// The token to ask for; nil makes one where one is needed.
    public var token: String?
    /// Seconds that a connection may take to say what it wants, or to go on with saying it.
    public var patience = 30
    /// Connections at once; further ones wait.
    public var connectionLimit = 512
    /// Bytes of the largest file that may be uploaded.
    public var uploadLimit: Int64 = 64 << 30
    /// The program's version, for pages.
    public var version: String
    /// Versions of what it is made of, by name, for the system page.
    public var parts: [String: String] = [:]

    /// A configuration for this machine alone.
    public init(roots: [String], home: String = Self.defaultHome, version: String) {
        self.roots = roots
        self.home = home
        self.version = version
    }

    /// `$XDG_DATA_HOME/likeness`, or `.local/share/likeness` below the user's own folder.
    public static var defaultHome: String {
        let data = ProcessInfo.processInfo.environment["XDG_DATA_HOME"].flatMap { path in
            path.hasPrefix("/") ? path : nil
        }
        return (data ?? NSHomeDirectory() + "/.local/share") + "/likeness"
    }

    /// Makes the studio's folder, for its user alone.
    ///
    /// - Throws: Foundation's error where that fails.
    public func makeHome() throws {
        try FileManager.default.createDirectory(
            atPath: home,
            withIntermediateDirectories: true,
            attributes: [.posixPermissions: 0o700]
        )
    }

    /// The folders that pages may use; the studio's own is the last.
    ///
    /// - Throws: `StudioError` for a root that is no folder.
    public func openRoots() throws -> Roots { try Roots(roots + [home], own: home) }

    /// Whether only programs of this machine can reach the server.
    public var isLoopback: Bool {
        ["localhost", "::1"].contains(host.lowercased())
            || host.wholeMatch(of: #/127(?:\.\d{1,3}){3}/#) != nil
    }
}
