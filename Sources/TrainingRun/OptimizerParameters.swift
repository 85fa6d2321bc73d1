import RunConfig

/// Values of `optimizer_params` by their names, which the run file has checked.
struct OptimizerParameters {
    private let given: [String: ConfigValue]

    init(_ given: [String: ConfigValue]) { self.given = given }

    func read(_ name: String, into value: inout Double) {
        if let number = given[name]?.double { value = number }
    }

    func read(_ name: String, into value: inout Double?) {
        if let number = given[name]?.double { value = number }
    }

    func read(_ name: String, into value: inout Int) {
        if let number = given[name]?.double { value = Int(number) }
    }

    func read(_ name: String, into value: inout Bool) {
        if case .bool(let flag)? = given[name] { value = flag }
    }

    func readBetas(into first: inout Double, _ second: inout Double) {
        guard let betas, betas.count >= 2 else { return }
        (first, second) = (betas[0], betas[1])
    }

    func readThirdBeta(into third: inout Double) {
        if let betas, betas.count == 3 { third = betas[2] }
    }

    private var betas: [Double]? {
        guard case .list(let list)? = given["betas"] else { return nil }
        return list.compactMap(\.double)
    }
}
