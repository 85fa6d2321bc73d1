import Crypto
import Foundation

/// A browser that the server knows by its cookie.
public struct Session: Sendable, Equatable {
    /// Random, in the cookie.
    let id: String
    /// What changes must show in their header.
    let changeKey: String
}

/// Makes and checks cookies, their keys for changes, and the token; nothing is kept per browser.
public struct Sessions: Sendable {
    /// Name of the cookie.
    ///
    /// Browsers keep one set of cookies for all ports of a machine: two studios need two names.
    let cookie: String
    private let key = SymmetricKey(size: .bits256)
    private let tokenCode: Data?

    /// - Parameters:
    ///   - token: what a browser or script must show once; nil if none is asked for.
    ///   - port: where the server listens; 0 for one that is not known yet.
    init(token: String?, port: Int = 0) {
        cookie = "likeness_session_\(port == 0 ? String(Self.random().prefix(8)) : String(port))"
        tokenCode = token.map { [key] in Self.code($0, for: "token", key) }
    }

    /// Whether a token is asked for.
    var needsToken: Bool { tokenCode != nil }

    /// Whether a text is the token; takes as long for every text of a length.
    ///
    /// The token itself is not kept: codes are compared, all bytes of them.
    func isToken(_ text: String) -> Bool {
        guard let tokenCode else { return false }
        return HMAC<SHA256>.isValidAuthenticationCode(
            tokenCode,
            authenticating: Data(("token" + "\0" + text).utf8),
            using: key
        )
    }

    /// A session for a browser that may have one.
    func make() -> Session { session(id: Self.random()) }

    /// The cookie's value.
    func value(of session: Session) -> String { "\(session.id).\(text("session", session.id))" }

    /// The session that a cookie names, if this server made it.
    func session(cookie value: String) -> Session? {
        let parts = value.split(separator: ".", maxSplits: 1).map(String.init)
        guard parts.count == 2, Self.isEqual(parts[1], text("session", parts[0])) else {
            return nil
        }
        return session(id: parts[0])
    }

    /// `name=value` with the flags that keep it from scripts and other sites.
    func header(of session: Session) -> String {
        "\(cookie)=\(value(of: session)); Path=/; HttpOnly; SameSite=Strict"
    }

    /// 256 random bits in letters, digits, `-` and `_`.
    static func random() -> String {
        let data = SymmetricKey(size: .bits256).withUnsafeBytes { Data($0) }
        return shown(data)
    }

    /// Compares all bytes of both, wherever they differ.
    static func isEqual(_ left: String, _ right: String) -> Bool {
        let left = Array(left.utf8)
        let right = Array(right.utf8)
        guard left.count == right.count else { return false }
        return zip(left, right).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
    }

    private func session(id: String) -> Session { Session(id: id, changeKey: text("change", id)) }

    private func text(_ purpose: String, _ id: String) -> String {
        Self.shown(Self.code(id, for: purpose, key))
    }

    private static func code(_ text: String, for purpose: String, _ key: SymmetricKey) -> Data {
        Data(HMAC<SHA256>.authenticationCode(for: Data("\(purpose)\0\(text)".utf8), using: key))
    }

    private static func shown(_ data: Data) -> String {
        data.base64EncodedString().replacing("+", with: "-").replacing("/", with: "_")
            .replacing("=", with: "")
    }
}
