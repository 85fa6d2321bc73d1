"""Pictures of every page into docs/screenshots: light, dark, and as wide as a phone.

They show what `drive.py` leaves behind: a trained job, its sample, a merge. Each page must be free of errors and of
violations of the security policy, fit into the window, and name all of its controls. `make screenshots` runs it.
"""

import argparse
import io
import pathlib
import shutil
import sys
import tempfile

from PIL import Image

import drive
from browser import Watched, chromium
from studio import REPOSITORY, Failure, Studio, program_argument

# Name: width, height, colours.
LOOKS = {"light": (1360, 900, "light"), "dark": (1360, 900, "dark"), "phone": (390, 800, "light"), "phone-dark": (390, 800, "dark")}
# These looks are kept; the others are only checked.
KEPT = ("light", "dark", "phone")


def pages(job, removed):
    """Address of each page, and what shows that it is there."""
    own = f"#/job/{job}"
    return {
        "jobs": ("#/jobs", f"tr[data-job='{job}']"),
        "new": ("#/new", ".key"),
        "job": (f"{own}/curves", ".plot canvas"),
        "samples": (f"{own}/samples", ".sample-open"),
        "log": (f"{own}/log", "pre"),
        "files": (f"{own}/files", "a[download]"),
        "plan": (f"{own}/plan", "main .stack"),
        "adapter": (f"{own}/adapter", "main .stack"),
        "config": (f"{own}/config", "pre.code"),
        "datasets": ("#/datasets", "text=clips"),
        "dataset": ("#/dataset/0/clips", ".clip"),
        "loras": ("#/loras", "tr input"),
        "system": ("#/system", "text=Versions"),
        "bin": ("#/bin", f"text={removed}"),
        "login": ("login", "input"),
    }


def fill_bin(scene):
    """A copy of the job, thrown away: so that the bin's page has something to show."""
    copied = scene.studio.client.post(f"/api/jobs/{scene.job}/clone", {"name": "first_try"})
    scene.studio.client.json("DELETE", f"/api/jobs/{copied['id']}")
    return copied["name"]


def small(picture):
    """A picture in 256 colours, as PNG."""
    image = Image.open(io.BytesIO(picture)).convert("RGB")
    result = io.BytesIO()
    image.quantize(256, dither=Image.Dither.NONE).save(result, "PNG", optimize=True)
    return result.getvalue()


def shoot(watched, place, sign, is_phone):
    """Opens a page, checks it and takes its picture."""
    watched.open(place)
    watched.wait(sign, place)
    # Pictures, waves and charts come after the page.
    watched.page.wait_for_load_state("load")
    watched.page.wait_for_timeout(1500)
    watched.expect_named()
    if is_phone:
        watched.expect_fits()
    picture = watched.page.screenshot()
    watched.expect_no_troubles()
    return picture


def shoot_all(browser, address, addresses, folder):
    """Every page in every look; returns what went wrong."""
    faults = []
    for look, (width, height, scheme) in LOOKS.items():
        watched = Watched(browser, address, width, height, scheme)
        for name, (place, sign) in addresses.items():
            try:
                picture = shoot(watched, place, sign, look.startswith("phone"))
            except Failure as failure:
                faults.append(f"{name}, {look}: {failure}")
                watched.troubles = []
                continue
            if look in KEPT:
                (folder / f"{name}-{look}.png").write_bytes(small(picture))
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
            scene = drive.Scene(studio, Watched(browser, studio.address))
            if not drive.play(scene, REPOSITORY / ".build" / "browser"):
                sys.exit("shots.py: there is nothing to show, as the way to it failed")
            faults = shoot_all(browser, studio.address, pages(scene.job, fill_bin(scene)), pictures)
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
