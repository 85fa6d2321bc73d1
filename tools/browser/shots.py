"""Pictures of every page into docs/screenshots: all in light, some dark and as wide as a phone.

They show a scene of their own: two runs of `gallery.yaml` with curves and samples, checked clips, a merge. Each page in
each look must be free of errors and of violations of the security policy, fit into the window, and name all of its
controls. `make screenshots` runs it.
"""

import argparse
import io
import pathlib
import shutil
import sys
import tempfile

from PIL import Image

from browser import Watched, chromium
from studio import REPOSITORY, Failure, Studio, expect, program_argument, wait_until

GALLERY = pathlib.Path(__file__).with_name("gallery.yaml")
# Name: width, height, colours.
LOOKS = {"light": (1360, 900, "light"), "dark": (1360, 900, "dark"), "phone": (390, 800, "light"), "phone-dark": (390, 800, "dark")}
# What is kept of the other looks than light; the rest is only checked.
KEPT = {("job", "dark"), ("dataset", "dark"), ("jobs", "phone"), ("dataset", "phone")}
LARGEST = 200_000


class Gallery:
    """The scene: its jobs and files."""

    def __init__(self, studio):
        self.studio = studio
        self.client = studio.client
        text = GALLERY.read_text()
        self.job = self.start(text)
        voice = text.replace("anna_face_voice", "anna_voice").replace("steps: 160", "steps: 60").replace("type: sd_trainer", "type: sd_trainer\n      preset: voice")
        self.voice = self.start(voice)
        for job in (self.job, self.voice):
            self.wait_state(job, "completed", 900)
        self.fill_list()
        self.look_into()

    def start(self, text):
        job = self.client.post("/api/jobs", {"yaml": text, "device": None})["id"]
        self.client.post(f"/api/jobs/{job}/start")
        return job

    def wait_state(self, job, state, seconds):
        def question():
            facts = self.client.get(f"/api/jobs/{job}")
            expect(facts["state"] != "failed", f"{facts['name']} failed: {facts.get('info')}")
            return facts["state"] == state
        wait_until(f"{job} is {state}", question, seconds)

    def fill_list(self):
        """A job that waits, one that was only written, one in the bin."""
        self.client.post("/api/queues/cpu", {"paused": True})
        waiting, _, thrown = (self.client.post(f"/api/jobs/{self.job}/clone", {"name": name})["id"] for name in ("anna_rank_32", "anna_more_steps", "first_try"))
        self.client.post(f"/api/jobs/{waiting}/start")
        self.client.json("DELETE", f"/api/jobs/{thrown}")

    def look_into(self):
        """What tabs and clips show once they were asked for."""
        self.client.post("/api/datasets/0/clips/09-stage.mp4/held-out", {"heldOut": True})
        self.task("check", {"folder": "0/clips", "job": self.job})

    def task(self, kind, arguments):
        started = self.client.post("/api/tasks", {"kind": kind, "arguments": arguments})["id"]
        ended = wait_until(f"{kind} ends", lambda: (facts := self.client.get(f"/api/tasks/{started}"))["state"] != "running" and facts, 180)
        expect(ended["state"] == "completed", f"{kind}: {ended.get('error')}")
        return ended["result"]


def asked(words, sign):
    """Presses a button where what it makes is not there yet."""
    def act(watched):
        if not watched.page.locator(sign).count():
            watched.page.click(f"button:text-is('{words}')")
            watched.wait(sign, words, 120)
    return act


def merged(watched):
    """Two adapters merged, down to the heat map."""
    page = watched.page
    merges = page.locator("tr:has-text('anna_both')").count()
    for name in ("anna_voice", "anna_face_voice"):
        page.check(f"input[aria-label='Choose {name}.safetensors']")
    page.click("button:text-is('Merge') >> nth=0")
    page.locator("#strength-1-audio").fill("0.5")
    page.fill("#merge-output", f"0/output/anna_{'both' * (merges + 1)}.safetensors")
    page.click("section[aria-label=Merge] header button")
    watched.wait(".heat-map", "the merge is done", 180)
    page.locator("section[aria-label=Merge]").evaluate("(element) => element.scrollIntoView({ block: 'start' })")


def smoothed(watched):
    watched.page.locator("#smoothing").fill("3")


def pages(job):
    """Address of each page, what shows that it is there, and what is done with it before the picture."""
    own = f"#/job/{job}"
    return {
        "jobs": ("#/jobs", f"tr[data-job='{job}']", None),
        "new": (f"#/edit/{job}", ".key", asked("Plan", "section[aria-label=Plan] .memory-bar")),
        "job": (f"{own}/curves", ".plot canvas", smoothed),
        "samples": (f"{own}/samples", ".sample-open", None),
        "log": (f"{own}/log", "pre", None),
        "files": (f"{own}/files", "a[download]", None),
        "plan": (f"{own}/plan", ".tabs", asked("Make the plan", ".memory-bar")),
        "adapter": (f"{own}/adapter", ".tabs", asked("Look into the adapter", ".heat-map")),
        "config": (f"{own}/config", "pre.code", None),
        "datasets": ("#/datasets", ".dataset", None),
        "dataset": ("#/dataset/0/clips", ".clip .badge", None),
        "loras": ("#/loras", "tr input", None),
        "merge": ("#/loras", "tr input", merged),
        "system": ("#/system", "section[aria-label=Versions]", None),
        "bin": ("#/bin", "text=first_try", None),
        "login": ("login", "input", None),
    }


def small(picture):
    """A picture as PNG, in as many colours as fit into the size."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    for colours in (256, 128, 64, 32, 16):
        result = io.BytesIO()
        image.quantize(colours, dither=Image.Dither.NONE).save(result, "PNG", optimize=True)
        if result.tell() <= LARGEST:
            break
    return result.getvalue()


def shoot(watched, place, sign, act):
    """Opens a page, checks it and takes its picture."""
    watched.open(place)
    watched.wait(sign, place)
    if act:
        act(watched)
    # Pictures, waves and charts come after the page.
    watched.page.wait_for_load_state("load")
    watched.page.wait_for_timeout(1000)
    watched.expect_named()
    watched.expect_fits()
    picture = watched.page.screenshot()
    watched.expect_no_troubles()
    return picture


def shoot_all(browser, address, addresses, folder):
    """Every page in every look; returns what went wrong."""
    faults = []
    for look, (width, height, scheme) in LOOKS.items():
        watched = Watched(browser, address, width, height, scheme)
        for name, (place, sign, act) in addresses.items():
            try:
                picture = shoot(watched, place, sign, act)
            except Exception as failure:
                faults.append(f"{name}, {look}: {failure}")
                watched.troubles = []
                continue
            if look == "light" or (name, look) in KEPT:
                (folder / f"{name}{'' if look == 'light' else '-' + look}.png").write_bytes(small(picture))
        watched.context.close()
    return faults


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    program_argument(parser)
    parser.add_argument("--to", default=str(REPOSITORY / "docs" / "screenshots"), help="folder for the pictures")
    arguments = parser.parse_args()
    pictures = pathlib.Path(arguments.to)
    pictures.mkdir(parents=True, exist_ok=True)
    folder = pathlib.Path(tempfile.mkdtemp(prefix="likeness-browser-"))
    try:
        with Studio(arguments.likeness, folder) as studio, chromium() as browser:
            faults = shoot_all(browser, studio.address, pages(Gallery(studio).job), pictures)
    except Failure as failure:
        sys.exit(f"shots.py: {failure}")
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    size = sum(one.stat().st_size for one in pictures.glob("*.png"))
    print(f"{len(list(pictures.glob('*.png')))} pictures, {size / 1e6:.1f} MB, in {pictures}")
    if faults:
        sys.exit("shots.py: " + "\n".join(faults))


if __name__ == "__main__":
    main()
