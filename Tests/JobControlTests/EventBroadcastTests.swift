import JobControl
import Testing

/// Events to listeners of any speed.
@Suite("Event broadcast") struct EventBroadcastTests {
    @Test(
        "a slow listener keeps the newest events and learns that it is behind; a quick one gets all"
    )
    func slow() async {
        let broadcast = EventBroadcast<Int>(behind: -1, capacity: 8)
        let slow = broadcast.listen()
        var quick = broadcast.listen().makeAsyncIterator()
        for number in 0..<10_000 {
            broadcast.send(number)
            #expect(await quick.next() == number)
        }
        var kept: [Int] = []
        for await number in slow {
            kept.append(number)
            if number == 9999 { break }
        }
        #expect(kept.count <= 8 && kept.last == 9999, "\(kept)")
    }

    @Test("a listener that lost events finds that among the next ones")
    func behind() async {
        let broadcast = EventBroadcast<Int>(behind: -1, capacity: 4)
        let stream = broadcast.listen()
        for number in 0..<6 { broadcast.send(number) }
        var kept: [Int] = []
        for await number in stream {
            kept.append(number)
            if number == 5 { break }
        }
        #expect(kept.contains(-1) && kept.count <= 4, "\(kept)")
    }

    @Test("who stops to listen is forgotten")
    func gone() async {
        let broadcast = EventBroadcast<Int>(behind: -1)
        do {
            let stream = broadcast.listen()
            broadcast.send(1)
            for await _ in stream { break }
            #expect(broadcast.listenerCount <= 1)
        }
        #expect(broadcast.listenerCount == 0)
    }
}
