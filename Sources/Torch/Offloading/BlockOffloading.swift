/// Keeps the weights of some blocks in host memory and brings each to the device before it is used.
///
/// The device has a few slots, each as large as the largest such block. `begin` says in which order blocks
/// will be visited; a visit waits for its block, and the next one in the order is already on its way. What
/// is evicted for it is what the order needs last, so nothing is thrown out that is about to be used.
///
/// - Source: eviction after Belady, "A study of replacement algorithms for a virtual-storage computer", 1966.
public final class BlockOffloading {
    /// One block of a model: its tensors, and where they are at home.
    private struct Block {
        let tensors: [Tensor]
        var home: [Tensor] = []  // in host memory; none for a block that stays on the device
        var visits: [Int: [Tensor]] = [:]  // by slot, views of it

        var byteCount: Int { Layout(tensors).byteCount }
        var isOffloaded: Bool { !home.isEmpty }
    }

    /// What a slot holds.
    private struct Slot {
        let buffer: Tensor  // [N] uint8
        var block: Int?
        var isWaitedFor = true
    }

    private let device: Device
    private var choice: OffloadingChoice
    private let slotCount: Int
    private let transfer: Transfer
    private var blocks: [Block] = []
    private var slots: [Slot] = []
    private var route: [Int] = []
    private var place = 0
    private var current: Int?
    /// Copies to the device since the start: what a test counts.
    public private(set) var fetchCount = 0

    /// Offloads a share of the bytes, 0...1, from the blocks that are added; `slotCount` of these blocks are on
    /// the device at a time, two at least.
    public init(device: Device, share: Double, slotCount: Int = 2) {
        self.device = device
        choice = OffloadingChoice(share: share)
        self.slotCount = max(2, slotCount)
        transfer = Transfer(to: device, slots: self.slotCount)
    }

    /// Takes in the next block of the model; one that is offloaded leaves the device at once.
    public func add(_ tensors: [Tensor]) {
        let block = Block(tensors: tensors)
        blocks.append(block)
        if choice.takes(block.byteCount) { sendHome(blocks.count - 1) }
    }

    /// Numbers of the blocks that live in host memory.
    public var offloaded: [Int] { blocks.indices.filter { blocks[$0].isOffloaded } }

    /// Whether a block lives in host memory.
    public func isOffloaded(_ index: Int) -> Bool {
        blocks.indices.contains(index) && blocks[index].isOffloaded
    }

    /// Bytes of each block.
    public var sizes: [Int] { blocks.map(\.byteCount) }

    /// Bytes in host memory.
    public var hostBytes: Int {
        blocks.reduce(0) { $0 + $1.home.reduce(0) { $0 + $1.byteCount } }
    }

    /// Bytes of the slots, once they are needed.
    public var slotBytes: Int { offloaded.isEmpty ? 0 : slotCount * slotSize }

    private var slotSize: Int { offloaded.map { blocks[$0].byteCount }.max() ?? 0 }

    /// Changes the share that lives in host memory; what no longer does comes to the device.
    public func offload(share: Double) {
        leaveAll()
        choice = OffloadingChoice(share: share)
        let chosen = blocks.indices.filter { choice.takes(blocks[$0].byteCount) }
        let before = offloaded
        // Those that leave go first: they make room.
        for index in Set(chosen).subtracting(before).sorted() { sendHome(index) }
        for index in Set(before).subtracting(chosen).sorted() { bring(index) }
    }

    private func sendHome(_ index: Int) {
        withoutGradients {
            blocks[index].home = blocks[index].tensors.map { $0.hostCopy(for: device) }
            standAtHome(index)
        }
    }

    private func bring(_ index: Int) {
        withoutGradients {
            for (tensor, home) in zip(blocks[index].tensors, blocks[index].home) {
                tensor.stand(for: device.kind == "cpu" ? home.clone() : home.to(on: device))
            }
        }
        blocks[index].home = []
    }

    private func standAtHome(_ index: Int) {
        for (tensor, home) in zip(blocks[index].tensors, blocks[index].home) {
            tensor.stand(for: home)
        }
    }

    /// Frees the slots.
    private func leaveAll() {
        if !slots.isEmpty { device.synchronize() }
        for index in offloaded { standAtHome(index) }
        for index in blocks.indices { blocks[index].visits = [:] }
        (slots, route, current) = ([], [], nil)
    }

    // MARK: - Visits

    /// Says in which order blocks are visited from now on, again and again.
    public func begin(_ order: [Int]) {
        route = order.filter(isOffloaded)
        place = 0
    }

    /// Makes the weights of a block usable until the next visit.
    public func visit(_ index: Int) {
        guard isOffloaded(index) else { return }
        if slots.isEmpty { makeSlots() }
        // Leaving is known only now: a block's record may be gone back through after others were asked for.
        if let current, current != index, let slot = slot(of: current) { transfer.leave(slot) }
        advance(to: index)
        let slot = slot(of: index) ?? fetch(index, keeping: nil)
        if !slots[slot].isWaitedFor {
            transfer.wait(for: slot)
            slots[slot].isWaitedFor = true
        }
        current = index
        if let next = nextMissing { _ = fetch(next, keeping: index) }
    }

    private func slot(of index: Int) -> Int? { slots.firstIndex { $0.block == index } }

    private func makeSlots() {
        slots = (0..<slotCount).map { _ in
            Slot(buffer: .full([slotSize], 0, dtype: .uint8, device: device))
        }
        // The first copies must not overtake what made the slots.
        for slot in slots.indices { transfer.leave(slot) }
    }

    /// Goes on in the order to where `index` is visited; stays where the order does not have it.
    private func advance(to index: Int) {
        let ahead = route.indices.first { route[(place + $0) % route.count] == index }
        if let ahead { place = (place + ahead) % route.count }
    }

    /// Visits until a block is needed again, from the present one on.
    private func distance(to index: Int) -> Int {
        (1..<max(2, route.count + 1)).first { route[(place + $0) % route.count] == index } ?? .max
    }

    /// The block that comes next, if it is not here and there is room beside the present one.
    private var nextMissing: Int? {
        guard route.count > 1 else { return nil }
        let next = (1...route.count).lazy.map { self.route[(self.place + $0) % self.route.count] }
            .first { $0 != self.current }
        return next.flatMap { slot(of: $0) == nil ? $0 : nil }
    }

    /// Begins to copy a block into the slot that is empty or needed last.
    private func fetch(_ index: Int, keeping kept: Int?) -> Int {
        let free = slots.indices.filter { kept == nil || slots[$0].block != kept }
        let slot =
            free.first { slots[$0].block == nil }
            ?? free.max { urgency($0) > urgency($1) } ?? 0
        if let evicted = slots[slot].block { standAtHome(evicted) }
        let targets = views(of: index, in: slot)
        transfer.fetch(blocks[index].home, into: targets, slot: slot)
        for (tensor, target) in zip(blocks[index].tensors, targets) { tensor.stand(for: target) }
        slots[slot].block = index
        slots[slot].isWaitedFor = false
        fetchCount += 1
        return slot
    }

    /// Higher for what is needed sooner.
    private func urgency(_ slot: Int) -> Int {
        slots[slot].block.map { -distance(to: $0) } ?? .min
    }

    private func views(of index: Int, in slot: Int) -> [Tensor] {
        if let known = blocks[index].visits[slot] { return known }
        let buffer = slots[slot].buffer
        let layout = Layout(blocks[index].tensors)
        let made = zip(blocks[index].tensors, layout.starts).map { tensor, start in
            buffer.view(from: start, as: tensor.dtype, tensor.shape)
        }
        blocks[index].visits[slot] = made
        return made
    }
}

/// Where tensors begin in one buffer, aligned as kernels like it.
private struct Layout {
    let starts: [Int]
    let byteCount: Int

    init(_ tensors: [Tensor]) {
        var (starts, end) = ([Int](), 0)
        for tensor in tensors {
            starts.append(end)
            end += (tensor.byteCount + 255) / 256 * 256
        }
        (self.starts, byteCount) = (starts, end)
    }
}
