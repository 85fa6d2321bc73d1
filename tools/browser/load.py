"""The studio under load: many who watch one job, a large history, a large upload. Ends with 1 where a limit is passed.

    load.py watch     50 clients with the events of one job that trains, until it has ended
    load.py history   time of every answer that a page asks for, with 1,000 jobs and 10 million metric rows
    load.py curves    a page with ten curves of 100,000 steps in Chromium: until it is drawn, and while it is worked with
    load.py upload    2 GB in pieces, broken off once, with the server's memory beside it
"""

import argparse
import hashlib
import http.client
import json
import pathlib
import shutil
import sqlite3
import sys
import tempfile
import threading
import time

from studio import REPOSITORY, Client, Failure, Studio, expect, program_argument, wait_until

WATCHERS = 50
JOBS, CURVED_JOBS, STEPS = 1000, 10, 100_000
CURVES = ["loss", "loss_video", "loss_audio", "grad_norm", "grad_norm_video", "grad_norm_audio", "lr", "audio_weight", "seconds", "peak_bytes"]
ROUNDS = 200
SLOWEST = 0.050
# Seconds until a page of long curves is drawn; milliseconds without a new frame while it is worked with.
DRAWN, SMOOTH = 2.0, 100
PIECE = 8 << 20
# What a server may need that has one piece at a time on its way to the disk.
MOST_GROWTH = 64 << 20


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


# ---------------------------------------------------------------- many who watch

class Watcher(threading.Thread):
    """A client that reads a job's events until the job has ended."""

    def __init__(self, studio, job):
        super().__init__(daemon=True)
        self.client = studio.client.authority, studio.client.cookie
        self.job = job
        self.steps = []
        self.states = []
        self.fault = None

    def run(self):
        try:
            self.read()
        except Exception as error:
            self.fault = f"{type(error).__name__}: {error}"

    def read(self):
        authority, cookie = self.client
        connection = http.client.HTTPConnection(authority, timeout=120)
        connection.request("GET", f"/api/jobs/{self.job}/events", headers={"Accept": "text/event-stream", "Cookie": cookie})
        answer = connection.getresponse()
        expect(answer.status == 200, f"status {answer.status}")
        name = None
        while not self.states or self.states[-1] not in ("completed", "failed", "stopped"):
            line = answer.readline().decode()
            expect(line, "the events end while the job goes on")
            if line.startswith("event:"):
                name = line[6:].strip()
            elif line.startswith("data:"):
                self.take(name, json.loads(line[5:]))
        connection.close()

    def take(self, name, value):
        if name == "step":
            self.steps.append(value["step"])
        elif name == "state":
            self.states.append(value["state"])
        elif name == "behind":
            raise Failure("events were lost")


def run_file(steps):
    """The example's run, shorter, on what `Studio` puts into the folder."""
    text = (REPOSITORY / "Examples" / "demo.yaml").read_text()
    for old, new in [("Examples/clips", "clips"), ("output/tiny", "tiny"), ("num_frames: 33", "num_frames: 9"),
                     ("steps: 200", f"steps: {steps}"), ("log_every: 50", "log_every: 1"), ("name: demo", "name: watched")]:
        expect(old in text, f"Examples/demo.yaml: has no {old!r}")
        text = text.replace(old, new)
    return text


def watch(studio, _):
    client = studio.client
    job = client.post("/api/jobs", {"yaml": run_file(60), "device": None})["id"]
    watchers = [Watcher(studio, job) for _ in range(WATCHERS)]
    for one in watchers:
        one.start()
    client.post(f"/api/jobs/{job}/start")
    alone, times = shown_memory(studio), []
    end = time.monotonic() + 500
    while any(one.is_alive() for one in watchers) and time.monotonic() < end:
        begun = time.perf_counter()
        client.get(f"/api/jobs/{job}")
        times.append(time.perf_counter() - begun)
        time.sleep(0.1)
    faults = {one.fault for one in watchers if one.fault}
    expect(not faults, f"watchers failed: {'; '.join(sorted(faults))}")
    expect(all(one.states and one.states[-1] == "completed" for one in watchers), f"last states: {sorted({(one.states or ['none'])[-1] for one in watchers})}, expected completed for all")
    expect(all(one.steps == sorted(one.steps) and one.steps for one in watchers), "steps came out of order, or none came")
    expect({one.steps[-1] for one in watchers} == {60}, f"last steps: {sorted({one.steps[-1] for one in watchers})}, expected 60 for all")
    fewest = min(len(one.steps) for one in watchers)
    print(f"watch: {WATCHERS} clients saw all of the run, {fewest} progress events at least; the job's own answer meanwhile: p95 {percentile(times, 0.95) * 1e3:.1f} ms; the server had {alone} when they came, {shown_memory(studio)} when the run had ended")


# ---------------------------------------------------------------- a large history

def fill(path, runs):
    """Jobs, rows and their levels of detail, as RunStore keeps them; each job's folder has a saved state."""
    for job in range(JOBS):
        states = runs / str(job) / "state"
        (states / "000100000").mkdir(parents=True)
        (states / "latest").symlink_to("000100000")
    with sqlite3.connect(path) as store:
        store.execute("PRAGMA synchronous = OFF")
        store.execute(
            """
            WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
            INSERT INTO jobs (id, name, device, yaml, folder, state, start_mode, step, total_steps, info, created_at, updated_at)
            SELECT printf('job-%d', i), printf('character_%d', i), 'cpu', ?, printf('%s/%d', ?, i), 'completed', 'fresh', ?, ?, '', i, i FROM n
            """,
            (JOBS - 1, run_file(200), str(runs), STEPS, STEPS),
        )
        for job in range(CURVED_JOBS):
            for curve in CURVES:
                key = store.execute("INSERT INTO metric_keys (job, name) VALUES (?, ?)", (f"job-{job}", curve)).lastrowid
                fill_curve(store, key)
        rows = store.execute("SELECT COUNT(*) FROM metric_rows").fetchone()[0]
    expect(rows == CURVED_JOBS * len(CURVES) * STEPS, f"{rows} metric rows were made")
    return rows


def fill_curve(store, key):
    store.execute(
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?) INSERT INTO metric_rows SELECT ?, i, (random() % 1000) / 1000.0 FROM n",
        (STEPS, key),
    )
    store.execute(
        """
        INSERT INTO metric_levels SELECT key, 1, step / 16, MIN(step), MAX(step), COUNT(*), SUM(value), MIN(value), MAX(value)
        FROM metric_rows WHERE key = ? GROUP BY step / 16
        """,
        (key,),
    )
    for level in range(2, 6):
        store.execute(
            """
            INSERT INTO metric_levels SELECT key, ?, bucket / 16, MIN(first_step), MAX(last_step), SUM(count), SUM(sum), MIN(low), MAX(high)
            FROM metric_levels WHERE key = ? AND level = ? GROUP BY bucket / 16
            """,
            (level, key, level - 1),
        )


def make_history(studio):
    studio.stop()
    begun = time.monotonic()
    rows = fill(studio.home / "studio.sqlite", studio.work / "runs")
    print(f"history: {JOBS} jobs and {rows:,} rows made in {time.monotonic() - begun:.0f} s, {(studio.home / 'studio.sqlite').stat().st_size / 1e6:.0f} MB")
    studio.start()


def history(studio, _):
    make_history(studio)
    print(f"history: the server at rest has {shown_memory(studio)}")
    keys = ",".join(CURVES)
    asked = {
        "the page": lambda _: "/",
        "a module": lambda _: "/assets/modules/app.js",
        "list of jobs": lambda _: "/api/jobs",
        "a job": lambda job: f"/api/jobs/job-{job * 97}",
        "ten curves, whole": lambda job: f"/api/jobs/job-{job}/series?keys={keys}&points=800",
        "ten curves, a third": lambda job: f"/api/jobs/job-{job}/series?keys={keys}&from=30000&to=63000&points=800",
        "two curves, 2000 points": lambda job: f"/api/jobs/job-{job}/series?keys=loss_video,loss_audio&points=2000",
        "samples": lambda job: f"/api/jobs/job-{job}/samples",
        "files": lambda job: f"/api/jobs/job-{job}/files",
        "log": lambda job: f"/api/jobs/job-{job}/log",
        "plan": lambda job: f"/api/jobs/job-{job}/plan",
        "inspection": lambda job: f"/api/jobs/job-{job}/inspect",
        "run file": lambda job: f"/api/jobs/job-{job}/yaml",
        "bin": lambda _: "/api/bin",
        "session": lambda _: "/api/session",
        "schema": lambda _: "/api/schema",
        "datasets": lambda _: "/api/datasets",
        "a folder of clips": lambda _: "/api/datasets/0/clips",
        "adapters": lambda _: "/api/loras",
        "system": lambda _: "/api/system",
    }
    slow = [name for name, address in asked.items() if measured(studio, name, address) > SLOWEST]
    print(f"history: the server has {shown_memory(studio)} now")
    expect(not slow, f"slower than {SLOWEST * 1e3:.0f} ms at p95: {', '.join(slow)}")


def shown_memory(studio):
    """What Linux counts, and how much of it is the process's own: the rest is files, those of LibTorch above all."""
    return f"{studio.memory() / 2**20:.0f} MiB, {studio.memory('RssAnon') / 2**20:.0f} MiB of them its own"


def measured(studio, name, address):
    """The slowest but a twentieth; beside it the processor time, which other programs on the machine do not change."""
    times, busy = [], studio.processor_time()
    for round in range(ROUNDS):
        begun = time.perf_counter()
        answer = studio.client.send("GET", address(round % CURVED_JOBS))
        times.append(time.perf_counter() - begun)
        expect(answer.status == 200, f"{name}: status {answer.status}: {answer.content[:200]}")
    slowest = percentile(times, 0.95)
    busy = (studio.processor_time() - busy) / ROUNDS
    print(f"history: {name:26} p50 {percentile(times, 0.5) * 1e3:6.1f} ms   p95 {slowest * 1e3:6.1f} ms   processor {busy * 1e3:6.1f} ms   {len(answer.content):>9,} bytes", flush=True)
    return slowest


# ---------------------------------------------------------------- long curves in a browser

# The longest time in milliseconds in which the page shows nothing new after what a person did.
PAUSE = """
(act) => new Promise((resolve) => {
  let [last, longest, frames] = [performance.now(), 0, 0];
  const look = () => {
    const now = performance.now();
    longest = Math.max(longest, now - last);
    last = now;
    if (++frames < 30) requestAnimationFrame(look); else resolve(longest);
  };
  act();
  requestAnimationFrame(look);
})
"""
SMOOTHER = "() => { const slider = document.querySelector('#smoothing'); slider.value = String((Number(slider.value) + 1) % 10); slider.dispatchEvent(new Event('input')); }"
LOGARITHMIC = "() => document.querySelector('.charts').previousElementSibling.querySelector('input[type=checkbox]').click()"


def curves(studio, _):
    from browser import Watched, chromium

    make_history(studio)
    with chromium() as browser:
        watched = Watched(browser, studio.address)
        drawn = [shown_curves(watched, studio.address, job) for job in range(5)]
        print(f"curves: {len(CURVES)} curves of {STEPS:,} steps are drawn after {sorted(drawn)[2] * 1e3:.0f} ms, in the middle of {len(drawn)} pages")
        slow = []
        for name, act in (("smoothing", SMOOTHER), ("logarithmic", LOGARITHMIC)):
            times = [watched.page.evaluate(f"({PAUSE})({act})") for _ in range(20)]
            print(f"curves: {name:12} p50 {percentile(times, 0.5):5.0f} ms   p95 {percentile(times, 0.95):5.0f} ms without a new frame")
            slow += [name] if percentile(times, 0.5) > SMOOTH else []
        watched.expect_no_troubles()
    expect(sorted(drawn)[2] <= DRAWN, f"the curves are drawn after {sorted(drawn)[2]:.1f} s, expected at most {DRAWN} s")
    expect(not slow, f"slower than {SMOOTH} ms: {', '.join(slow)}")


def shown_curves(watched, address, job):
    """Seconds until the last chart of a job's page is there."""
    begun = time.perf_counter()
    watched.page.goto(f"{address}#/job/job-{job}/curves")
    watched.wait_for(f"document.querySelector('h1')?.textContent.includes('character_{job}') && document.querySelectorAll('.plot canvas').length >= 2 * 6", "all charts are drawn")
    return time.perf_counter() - begun


# ---------------------------------------------------------------- a large upload

def piece(offset, size):
    """Bytes of a file that has no two pieces alike, without holding it."""
    head = offset.to_bytes(8, "little") * 128
    return (head * (PIECE // len(head)))[: min(PIECE, size - offset)]


def digest(size):
    sum = hashlib.sha256()
    for offset in range(0, size, PIECE):
        sum.update(piece(offset, size))
    return sum.hexdigest()


def break_off(studio, address, offset, content):
    """Sends half a piece and hangs up."""
    client = Client(studio.port)
    connection = http.client.HTTPConnection(client.authority, timeout=60)
    connection.putrequest("PATCH", address)
    for name, value in {"Cookie": client.cookie, "X-Likeness-CSRF": client.key, "Origin": f"http://{client.authority}",
                        "Upload-Offset": str(offset), "Content-Length": str(len(content))}.items():
        connection.putheader(name, value)
    connection.endheaders()
    connection.send(content[: len(content) // 2])
    connection.close()


def upload(studio, arguments):
    client, size = studio.client, arguments.bytes
    begun = client.post("/api/uploads", {"folder": "0", "name": "large.mp4", "size": size, "sha256": digest(size)})
    address = f"/api/uploads/{begun['id']}"
    # The peak that Linux counts begins anew.
    pathlib.Path(f"/proc/{studio.process.pid}/clear_refs").write_text("5")
    before, start, offset, is_broken = studio.memory(), time.monotonic(), begun["offset"], False
    while True:
        content = piece(offset, size) if offset % PIECE == 0 else piece(offset - offset % PIECE, size)[offset % PIECE:]
        if not is_broken and offset > size // 2:
            break_off(studio, address, offset, content)
            is_broken = True
            offset = settled_offset(client, address)
            continue
        answer = client.send("PATCH", address, content, {"Upload-Offset": str(offset), "Content-Type": "application/octet-stream"})
        expect(answer.status == 200, f"at {offset:,}: status {answer.status}: {answer.content[:300]}")
        said = json.loads(answer.content)
        offset = said["offset"]
        if said.get("file"):
            break
    expect(is_broken, "the upload is too small to be broken off")
    growth, seconds = studio.memory("VmHWM") - before, time.monotonic() - start
    expect_file(studio.file(said["file"]), size)
    print(f"upload: {size / 1e9:.2f} GB in {seconds:.1f} s ({size / 1e6 / seconds:.0f} MB/s), broken off once; the server grew by {growth / 2**20:.1f} MiB at most, from {before / 2**20:.0f}")
    expect(growth <= MOST_GROWTH, f"the server grew by {growth >> 20} MiB, expected at most {MOST_GROWTH >> 20}")


def settled_offset(client, address):
    """How far the file is, when the server has noticed that the other side hung up."""
    known = []

    def question():
        known.append(client.get(address)["offset"])
        return len(known) > 4 and len(set(known[-4:])) == 1
    wait_until("the offset comes to rest", question, 30)
    return known[-1]


def expect_file(path, size):
    sum = hashlib.sha256()
    with open(path, "rb") as file:
        while block := file.read(1 << 20):
            sum.update(block)
    expect(path.stat().st_size == size, f"{path.name}: has {path.stat().st_size:,} bytes, expected {size:,}")
    expect(sum.hexdigest() == digest(size), f"{path.name}: differs from what was sent")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    program_argument(parser)
    parser.add_argument("what", nargs="*", default=["watch", "history", "curves", "upload"], help="watch, history, curves, upload; without: all")
    parser.add_argument("--bytes", type=int, default=2_000_000_000, help="size of the upload")
    arguments = parser.parse_args()
    kinds = {"watch": watch, "history": history, "curves": curves, "upload": upload}
    if unknown := [one for one in arguments.what if one not in kinds]:
        parser.error(f"no {', '.join(unknown)}; there are {', '.join(kinds)}")
    status = 0
    for name in arguments.what:
        folder = pathlib.Path(tempfile.mkdtemp(prefix="likeness-load-"))
        try:
            with Studio(arguments.likeness, folder, has_model=name != "upload") as studio:
                kinds[name](studio, arguments)
        except Failure as failure:
            print(f"✘ {name}: {failure}", flush=True)
            status = 1
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    sys.exit(status)


if __name__ == "__main__":
    main()
