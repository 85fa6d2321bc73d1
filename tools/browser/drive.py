"""The whole way of a user in headless Chromium, on a real studio, a real (tiny) checkpoint and real clips.

Import the seed's run file, see its faults, mend them in the form and in the text, start, watch the curve move, play a
sample, stop, resume to the end, merge two adapters, download; then what `tour.py` adds. Each step ends with assertions; where one fails, a picture
of the page is kept. `make browser` runs it.
"""

import argparse
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

import tour
from browser import Watched, chromium
from studio import REPOSITORY, Failure, Studio, expect, has_started, program_argument, wait_until

SEED = pathlib.Path(__file__).with_name("seed.yaml")
# What is wrong in the seed's file, and the word in its line.
FAULTS = {
    "network.linear": "thirty-two",
    "datasets[0].caption_droput_rate": "caption_droput_rate",
    "model.name_or_path": "model",
    "sample.sample_steps": "4 steps",
}
EDITOR = ".yaml textarea"
CANVASES = "[...document.querySelectorAll('.plot canvas')].map((one) => one.toDataURL()).join()"


class Scene:
    """A studio, its page, and what steps tell each other."""

    def __init__(self, studio, watched):
        self.studio = studio
        self.watched = watched
        self.page = watched.page
        self.job = None
        self.stopped_at = 0
        self.merged = None
        self.second = None

    def facts(self):
        return self.studio.client.get(f"/api/jobs/{self.job}")

    def points(self, key="loss"):
        found = self.studio.client.get(f"/api/jobs/{self.job}/series?keys={key}&points=2000")
        return found["series"][key]

    def open_job(self, tab):
        self.page.goto(f"{self.studio.address}#/job/{self.job}/{tab}")

    def fill_key(self, name, value):
        """Writes into a field of the form and waits until the text follows."""
        self.page.fill(f"#key-{name}", value)
        self.page.press(f"#key-{name}", "Tab")
        key = name.split("-")[-1]
        self.watched.wait_for(f"document.querySelector('{EDITOR}').value.includes('{key}: {value}')", f"the text takes {key} from the form")

    def wait_state(self, state, seconds):
        def question():
            facts = self.facts()
            expect(state == "failed" or facts["state"] != "failed", f"the job failed: {facts.get('info')}")
            return facts["state"] == state
        wait_until(f"the job is {state}", question, seconds)
        self.watched.wait(f".head .state.{state}", f"the page says {state}")


# ---------------------------------------------------------------- the run file

def import_the_seed(scene):
    page = scene.page
    page.goto(scene.studio.address)
    page.click("a:text-is('Import')")
    page.fill("dialog textarea", SEED.read_text())
    page.click("dialog button:text-is('Import')")
    scene.watched.wait_for(f"document.querySelector('{EDITOR}').value.includes('seed_character')", "the text is the seed's")


def see_its_faults(scene):
    page = scene.page
    scene.watched.wait_for(f"document.querySelectorAll('.faults .error').length == {len(FAULTS)}", f"{len(FAULTS)} faults are listed")
    for path, word in FAULTS.items():
        item = page.locator(f".faults .error:has(code:text-is('{path}'))")
        expect(item.count() == 1, f"{path}: is listed {item.count()} times, expected once")
        expect("–" in item.inner_text(), f"{path}: its fault does not say what to do: {item.inner_text()}")
        item.locator(".line-link").click()
        line = page.evaluate(f"(() => {{ const area = document.querySelector('{EDITOR}'); return area.value.slice(area.selectionStart, area.selectionEnd); }})()")
        expect(word in line, f"{path}: its link leads to the line {line!r}, expected one with {word!r}")
    expect(page.get_attribute("#key-network-linear", "aria-invalid") == "true", "the field of network.linear is not marked as faulty")
    page.click("button:text-is('Save')")
    scene.watched.wait(".toast.fault", "a faulty file is refused")
    expect(not scene.studio.client.get("/api/jobs")["jobs"], "a faulty file made a job")
    scene.watched.expect_no_troubles(allowed=["status of 422"])


def mend_it_in_the_form(scene):
    scene.fill_key("network-linear", "16")
    scene.fill_key("model-name_or_path", "tiny/ltx-2.3-tiny-dev.safetensors")
    scene.fill_key("model-te_name_or_path", "tiny/gemma")
    text = scene.page.input_value(EDITOR)
    expect("quick start of the voice guide" in text, "the form lost the remark at the head of the file")
    expect(text.index("network:") < text.index("save:") < text.index("train:"), "the form changed the order of the file")


def mend_it_in_the_text(scene):
    text = scene.page.input_value(EDITOR)
    text = text.replace("caption_droput_rate", "caption_dropout_rate").replace("4 steps", "4")
    text = text.replace("sample_every: 100", "sample_every: 1000").replace("num_frames: 33\n          fps", "num_frames: 17\n          fps")
    scene.page.fill(EDITOR, text)
    scene.watched.wait_for("!document.querySelector('.faults .error')", "no fault is left")
    scene.watched.wait_for("document.querySelector('#key-sample-sample_steps').value == '4'", "the form takes sample_steps from the text")


def plan_it(scene):
    scene.page.click("button:text-is('Plan')")
    scene.watched.wait("section[aria-label=Plan] .memory-bar", "the plan is shown", 180)


# ---------------------------------------------------------------- the run

def start_it(scene):
    scene.page.click("button:text-is('Save and start')")
    scene.watched.wait_for("location.hash.startsWith('#/job/')", "the job's page opens")
    scene.job = scene.page.evaluate("location.hash.split('/')[2]")
    scene.wait_state("running", 60)


def watch_the_curve(scene):
    wait_until("the first two steps are made", lambda: len(scene.points()) >= 2, 240)
    scene.watched.wait(".plot canvas", "a curve is drawn", 60)
    # The charts are drawn one after another: only then does a change mean a new point.
    scene.page.wait_for_timeout(2000)
    drawn, known, step = scene.page.evaluate(CANVASES), len(scene.points()), shown_step(scene)
    wait_until("the page's step grows", lambda: shown_step(scene) > step, 60)
    wait_until("the curve moves", lambda: scene.page.evaluate(CANVASES) != drawn, 60)
    expect(len(scene.points()) > known, f"the run's curve stays at {known} points")


def shown_step(scene):
    """The step that the page says; its thousands are set apart by a space."""
    text = scene.page.inner_text(".figures .figure b >> nth=0")
    return int("".join(letter for letter in text if letter.isdigit()))


def play_a_sample(scene):
    page = scene.page
    scene.open_job("samples")
    scene.watched.wait(".sample-open", "a sample is there", 120)
    page.click(".sample-open >> nth=0")
    scene.watched.wait_for("document.querySelector('dialog video')?.readyState >= 2", "the sample is loaded")
    page.click("dialog button:text-is('Play')")
    scene.watched.wait_for("document.querySelector('dialog video').currentTime > 0.2", "the sample plays")
    heard = page.evaluate("(() => { const video = document.querySelector('dialog video'); return [video.muted, video.webkitAudioDecodedByteCount]; })()")
    expect(heard[0] is False and heard[1] > 0, f"the sample's sound is not played: muted {heard[0]}, {heard[1]} bytes decoded")
    expect_sound(scene.studio.client, page.evaluate("new URL(document.querySelector('dialog video').src).pathname"), scene.studio.folder)
    page.keyboard.press("Escape")
    scene.watched.wait("dialog", "Escape closes the sample", state="detached")


def expect_sound(client, address, folder):
    """Fails where the file that the page plays is silent."""
    path = folder / "heard.mp4"
    path.write_bytes(client.send("GET", address).content)
    command = ["ffmpeg", "-hide_banner", "-i", str(path), "-map", "0:a", "-af", "volumedetect", "-f", "null", "-"]
    words = subprocess.run(command, capture_output=True, text=True, check=True).stderr
    loudness = float(words.split("max_volume:")[1].split("dB")[0])
    expect(loudness > -60, f"{address}: its sound is silent, at most {loudness} dB")


def stop_it(scene):
    scene.open_job("curves")
    scene.page.click("[data-action=stop]")
    scene.wait_state("stopped", 120)
    facts = scene.facts()
    scene.stopped_at = facts["step"]
    expect(0 < facts["step"] < facts["totalSteps"], f"stopped at step {facts['step']} of {facts['totalSteps']}, expected one between")
    expect(facts["canResume"], "a stopped job cannot be resumed")
    record = json.loads((scene.studio.home / "jobs" / scene.job / "process.json").read_text())
    expect(not has_started(record["trainer"]), "the job is called stopped, and its process still runs")


def resume_it_to_the_end(scene):
    """Twenty steps more, so that this takes as long on any machine."""
    end = scene.stopped_at + 20
    scene.page.click("[data-action=edit]")
    scene.watched.wait("#key-train-steps", "the editor opens")
    scene.fill_key("train-steps", str(end))
    scene.page.click("button:text-is('Save')")
    scene.page.click("[data-action=resume]")
    scene.wait_state("completed", 600)
    steps = [int(point[0]) for point in scene.points()]
    expect(steps == list(range(1, end + 1)), f"the curve has {len(steps)} points up to step {steps[-1]}, expected each step from 1 to {end} once")


# ---------------------------------------------------------------- its adapters

def merge_two_adapters(scene):
    page, client = scene.page, scene.studio.client
    folder = scene.facts()["folder"]
    found = [one for one in client.get("/api/loras")["loras"] if one["path"].rpartition("/")[0] == folder]
    expect(len(found) >= 2, f"{folder}: {len(found)} adapters are listed, expected the last one and the one of the stop")
    page.goto(f"{scene.studio.address}#/loras")
    for one in found[:2]:
        page.check(f"tr:has-text('{one['path'].partition('/')[2].rpartition('/')[0]}') input[aria-label='Choose {one['name']}']")
    page.click("button:text-is('Merge') >> nth=0")
    page.fill("#strength-1-audio", "0.5")
    page.fill("#merge-output", f"{folder}/merged.safetensors")
    page.click("section[aria-label=Merge] header button")
    scene.watched.wait("[data-action=download]", "the merge is done", 180)
    scene.watched.wait(".heat-map", "the interference is shown")
    scene.merged = f"{folder}/merged.safetensors"


def download_it(scene):
    with scene.page.expect_download() as waiting:
        scene.page.click("[data-action=download]")
    expect_same(waiting.value, scene.studio.file(scene.merged))
    header_expected(scene.studio.file(scene.merged))
    scene.open_job("files")
    scene.watched.wait("a[aria-label^='Download seed_character']", "the job's files are listed")
    with scene.page.expect_download() as waiting:
        scene.page.click("a[aria-label='Download seed_character.safetensors']")
    expect_same(waiting.value, scene.studio.file(f"{scene.facts()['folder']}/seed_character.safetensors"))


def expect_same(download, path):
    expect(download.suggested_filename == path.name, f"the download is named {download.suggested_filename}, expected {path.name}")
    expect(pathlib.Path(download.path()).read_bytes() == path.read_bytes(), f"{path.name}: the download differs from the file")


def header_expected(path):
    """Fails where a file is not safetensors with matrices of an adapter."""
    content = path.read_bytes()
    header = json.loads(content[8:8 + int.from_bytes(content[:8], "little")])
    expect(any("lora_A" in name for name in header), f"{path.name}: holds no adapter's matrices")


STEPS = [
    import_the_seed, see_its_faults, mend_it_in_the_form, mend_it_in_the_text, plan_it, start_it, watch_the_curve,
    play_a_sample, stop_it, resume_it_to_the_end, merge_two_adapters, download_it,
]


def play(scene, pictures, steps):
    """Steps in their order; returns whether they went well."""
    for step in steps:
        begun = time.monotonic()
        name = step.__name__.replace("_", " ")
        try:
            step(scene)
            scene.watched.expect_no_troubles()
        except Exception as error:
            pictures.mkdir(parents=True, exist_ok=True)
            picture = pictures / f"{step.__name__}.png"
            scene.page.screenshot(path=picture)
            said = str(error) if isinstance(error, Failure) else f"{type(error).__name__}: {error}"
            print(f"✘ {name}: {said}\n  the page: {picture}\n  the server: {scene.studio.last_words()[-500:]}", flush=True)
            return False
        print(f"✔ {name} ({time.monotonic() - begun:.1f} s)", flush=True)
    return True


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    program_argument(parser)
    parser.add_argument("--pictures", default=str(REPOSITORY / ".build" / "browser"), help="folder for pictures of what failed")
    arguments = parser.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="likeness-browser-"))
    try:
        with Studio(arguments.likeness, folder) as studio, chromium() as browser:
            scene = Scene(studio, Watched(browser, studio.address))
            went_well = play(scene, pathlib.Path(arguments.pictures), STEPS + tour.STEPS)
    except Failure as failure:
        sys.exit(f"drive.py: {failure}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    sys.exit(0 if went_well else 1)


if __name__ == "__main__":
    main()
