/// The sum at the strength that suits all adapters best: what a user gets without any method.
///
/// The error of `c Σ ΔWⱼ` is a square of c that is 1 at 0; two more values of it tell all.
struct WeakerSum: Equatable {
    /// From 0 to 1.
    let strength: Double
    /// The error at that strength.
    let error: Double

    /// - Parameters:
    ///   - whole: error at strength 1.
    ///   - half: error at strength 0.5.
    init(whole: Double, half: Double) {
        let square = 2 * (whole - 2 * half + 1)
        let slope = (square + 1 - whole) / 2  // error = square c² − 2 slope c + 1
        let best = square > 0 ? min(1, max(0, slope / square)) : 1
        strength = best
        error = square * best * best - 2 * slope * best + 1
    }
}
