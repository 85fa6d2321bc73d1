"""What else a user does in the studio, on the scene that `drive.py` leaves: clips, clones, curves, the queue, the bin, keys.

Each step operates the page as a person would and then looks at what is on disk or in the server's answers.
"""

import json
import subprocess

from studio import expect, wait_until

FOLDER = "0/anna"
PIECE = 8 << 20
# A file that the page fetches, dropped on it.
DROP = """
(async (address) => {
  const content = await (await fetch(address)).blob();
  const carried = new DataTransfer();
  carried.items.add(new File([content], "long.mp4", { type: "video/mp4" }));
  for (const name of ["dragover", "drop"]) document.dispatchEvent(new DragEvent(name, { dataTransfer: carried, bubbles: true, cancelable: true }));
})
"""
# Noise does not become small: about 15 MB, which are two pieces of an upload.
NOISE = "nullsrc=s=320x256:r=24:d=4,geq=lum='random(1)*255':cb=128:cr=128"


def clip(scene, name):
    return scene.page.locator(f"article[aria-label='{name}']")


def read(scene, name):
    return (scene.studio.work / "anna" / name).read_text()


# ---------------------------------------------------------------- clips

def make_a_folder(scene):
    page = scene.page
    page.goto(f"{scene.studio.address}#/datasets")
    page.click("button:text-is('New dataset')")
    page.fill("#new-name", "anna")
    page.click("dialog button:text-is('Create')")
    scene.watched.wait_for(f"location.hash == '#/dataset/{FOLDER}'", "the new folder's page opens")
    clips = scene.studio.work / "clips"
    page.set_input_files("input[type=file]", [clips / one for one in ("01-greeting.mp4", "01-greeting.txt", "02-rain.mp4")])
    scene.watched.wait("article[aria-label='02-rain.mp4']", "chosen files are clips")
    expect(read(scene, "01-greeting.txt") == (clips / "01-greeting.txt").read_text(), "an uploaded caption differs from the file")


def drop_a_large_file(scene):
    """The connection breaks once; what was sent is not sent again."""
    page, offsets = scene.page, []
    large = scene.studio.folder / "long.mp4"
    subprocess.run(["ffmpeg", "-v", "error", "-y", "-f", "lavfi", "-i", NOISE, "-c:v", "libx264", "-qp", "0", "-preset", "ultrafast", str(large)], check=True)

    def answer(route):
        if route.request.method != "PATCH":
            return route.continue_()
        offsets.append(int(route.request.headers["upload-offset"]))
        return route.abort() if len(offsets) == 2 else route.continue_()

    page.route("**/api/uploads/*", answer)
    page.route("**/dropped.mp4", lambda route: route.fulfill(path=large))
    page.evaluate(DROP, f"{scene.studio.address}dropped.mp4")
    scene.watched.wait("article[aria-label='long.mp4']", "the dropped file is a clip", 60)
    page.unroute("**/api/uploads/*")
    page.unroute("**/dropped.mp4")
    pieces = list(range(0, large.stat().st_size, PIECE))
    expect(len(pieces) > 1 and offsets == sorted([*pieces, PIECE]), f"pieces were sent from {offsets}, expected the broken one once more and no other")
    expect((scene.studio.work / "anna" / "long.mp4").read_bytes() == large.read_bytes(), "the uploaded file differs")
    scene.watched.expect_no_troubles(allowed=["ERR_FAILED"])
    clip(scene, "long.mp4").locator("button:text-is('Delete')").click()
    page.click("dialog button:text-is('Delete')")
    scene.watched.wait("article[aria-label='long.mp4']", "a deleted clip is gone", state="detached")


def write_captions(scene):
    page = scene.page
    page.fill("input[aria-label='Trigger word to highlight']", "ohwx")
    card = clip(scene, "02-rain.mp4")
    card.locator("textarea").fill('ohwx by a window, and ohwx again, says: "It rains."')
    expect(card.locator("mark").count() == 2, f"{card.locator('mark').count()} trigger words are marked, expected 2")
    card.locator("text=Saved").wait_for()
    expect(read(scene, "02-rain.txt").strip() == 'ohwx by a window, and ohwx again, says: "It rains."', "the caption's file says something else")
    page.click("button:text-is('Find and replace')")
    page.fill("#find", "ohwx")
    page.fill("#replace", "sks")
    page.click("dialog button:text-is('Preview')")
    scene.watched.wait("dialog ins", "the changes are shown before they are made")
    expect("ohwx" in read(scene, "02-rain.txt"), "a preview changed a caption")
    page.click("dialog button:text-is('Replace')")
    wait_until("all captions are changed", lambda: "ohwx" not in read(scene, "01-greeting.txt") + read(scene, "02-rain.txt"), 20)


def trim_a_clip(scene):
    clip(scene, "01-greeting.mp4").locator("button:text-is('Trim or split')").click()
    scene.page.fill("#cut-from", "0.5")
    scene.page.fill("#cut-to", "1.75")
    scene.page.click("dialog button:text-is('Trim')")
    page = scene.page
    scene.watched.wait("section[aria-label='What was cut']", "the trimmed clip is made", 60)
    made = scene.studio.work / "anna" / "01-greeting-trim.mp4"
    expect(abs(seconds(made) - 1.25) < 0.1, f"{made.name} is {seconds(made)} s long, expected 1.25")
    expect(read(scene, "01-greeting-trim.txt") == read(scene, "01-greeting.txt"), "the trimmed clip has another caption")
    page.click("button:text-is('Delete 01-greeting.mp4')")
    scene.watched.wait("article[aria-label='01-greeting.mp4']", "the whole clip is gone", state="detached")


def seconds(path):
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(path)]
    said = subprocess.run(command, capture_output=True, text=True).stdout.strip()
    return float(said) if said else 0


def check_the_clips(scene):
    scene.page.select_option("select[aria-label='Check as this job sees them']", scene.job)
    scene.page.click("button:text-is('Check the clips')")
    card = clip(scene, "02-rain.mp4")
    card.locator(".badge").first.wait_for(timeout=90_000)
    facts = card.inner_text()
    expect("latents" in facts, f"a checked clip does not say what it becomes: {facts}")


def hold_a_clip_out(scene):
    """The mark reaches the run file that is made from the folder."""
    held = clip(scene, "02-rain.mp4").locator("button:text-is('Held out')")
    held.click()
    scene.watched.wait("article[aria-label='02-rain.mp4'] button[aria-pressed=true]", "the clip is marked")
    scene.page.click("a:text-is('Train with it')")
    scene.watched.wait_for("document.querySelector('.yaml textarea')?.value.includes('held_out')", "the run file holds the clip out")
    text = scene.page.input_value(".yaml textarea")
    expect("02-rain" in text.partition("held_out")[2].partition("\n\n")[0], f"the run file holds out another clip:\n{text}")
    expect("anna" in text, f"the run file does not name the folder:\n{text}")


# ---------------------------------------------------------------- jobs

def clone_and_compare(scene):
    page, first = scene.page, scene.job
    scene.open_job("curves")
    page.click("[data-action=clone]")
    page.fill("dialog #asked", "second_try")
    page.click("dialog button:text-is('Clone')")
    scene.watched.wait_for("location.hash.startsWith('#/edit/')", "the clone is opened to be edited")
    scene.watched.wait("#key-train-steps", "the form is there")
    scene.fill_key("train-steps", "6")
    page.click("button:text-is('Save and start')")
    scene.watched.wait_for("location.hash.startsWith('#/job/')", "the clone's page opens")
    scene.job = scene.second = page.evaluate("location.hash.split('/')[2]")
    scene.wait_state("completed", 240)
    expect(page.locator("[data-action=resume]").count() == 0, "a job at its end is offered to be resumed")
    scene.watched.wait(".plot canvas", "its curves are drawn")
    page.select_option("select[aria-label='Compare with another job']", first)
    scene.watched.wait(".plot-legend .dashed", "the other job's curves are dashed")
    drawn = page.evaluate("document.querySelector('.plot canvas').toDataURL()")
    page.locator("#smoothing").fill("9")
    scene.watched.wait_for(f"document.querySelector('.plot canvas').toDataURL() != '{drawn}'", "smoothing changes the curve")
    expect(page.locator("text=second_try: solid").count() == 1, "the page does not say which line is whose")


def zoom(scene):
    page = scene.page
    box = page.locator(".plot").first.bounding_box()
    with page.expect_request(lambda request: "from=" in request.url and "to=" in request.url):
        page.mouse.move(box["x"] + 150, box["y"] + 60)
        page.mouse.down()
        page.mouse.move(box["x"] + 300, box["y"] + 60, steps=4)
        page.mouse.up()
    with page.expect_request(lambda request: "series" in request.url and "from=" not in request.url):
        page.mouse.dblclick(box["x"] + 200, box["y"] + 60)


def use_the_queue(scene):
    """Two wait in a paused queue; the later one goes first; both are taken out again."""
    page, client = scene.page, scene.studio.client
    page.goto(f"{scene.studio.address}#/jobs")
    page.click("button:text-is('Pause the queue')")
    scene.watched.wait("text=queue paused", "the queue says that it is paused")
    names = ["one_more", "another_one"]
    waiting = [client.post(f"/api/jobs/{scene.second}/clone", {"name": name})["id"] for name in names]
    for one in waiting:
        page.click(f"tr[data-job='{one}'] [data-action=start]")
        scene.watched.wait(f"tr[data-job='{one}'] .state.queued", "the job waits")
    page.click("button[aria-label='another_one earlier']")
    rows = "[...document.querySelectorAll('tr:has(.queued)')].map((row) => row.dataset.job).join()"
    scene.watched.wait_for(f"{rows} == '{waiting[1]},{waiting[0]}'", "the later one is first")
    for one in waiting:
        page.focus(f"tr[data-job='{one}'] [data-action=stop]")
        page.keyboard.press("Enter")
        scene.watched.wait(f"tr[data-job='{one}'] [data-action=start]", "the job no longer waits")
        scene.watched.wait_for(f"document.activeElement.closest('tr')?.dataset.job == '{one}'", "the focus stays in the job's row")
    page.click("button:text-is('Run the queue')")
    scene.watched.wait("button:text-is('Pause the queue')", "the queue runs again")


def throw_away_and_restore(scene):
    page = scene.page
    page.check("input[aria-label='Choose one_more']")
    page.check("input[aria-label='Choose another_one']")
    page.click(".bulk button:has-text('Delete')")
    scene.watched.wait("input[aria-label='Choose one_more']", "a deleted job leaves the list", state="detached")
    page.click("nav a:text-is('Bin')")
    page.click("button[aria-label='Restore one_more']")
    scene.watched.wait("button[aria-label='Restore one_more']", "a restored job leaves the bin", state="detached")
    names = {one["name"] for one in scene.studio.client.get("/api/jobs")["jobs"]}
    expect("one_more" in names and "another_one" not in names, f"the list has {sorted(names)}")


# ---------------------------------------------------------------- adapters and keys

def split_an_adapter(scene):
    page = scene.page
    page.goto(f"{scene.studio.address}#/loras")
    page.click("button[aria-label='Split merged.safetensors']")
    page.click("dialog button:text-is('Split')")
    wait_until("the parts are listed", lambda: page.locator("tr:has-text('merged_')").count() >= 2, 60)
    page.click("button[aria-label='Inspect merged.safetensors']")
    scene.watched.wait("table[aria-label='Change by pathway and block']", "the adapter is looked into", 60)


def sample_from_it(scene):
    """The adapter's own clip and the base's of the same noise, each under its name."""
    page = scene.page
    page.click("button[aria-label='Sample from merged.safetensors']")
    scene.watched.wait_for("document.querySelector('#sample-prompt')?.value != ''", "the prompt is one of the job's")
    page.fill("#sample-frames", "9")
    page.fill("#sample-steps", "2")
    page.click("button:text-is('Make the sample')")
    scene.watched.wait(".player video", "the sample is made", 120)
    shown = page.evaluate("[...document.querySelectorAll('.player figure')].map((one) => [one.innerText.trim(), one.querySelector('video').src])")
    expect([label for label, _ in shown] == ["With the LoRA", "Base model"], f"the player shows {shown}")
    expect([".base." in path for _, path in shown] == [False, True], f"a clip stands under another's name: {shown}")


def use_keys_alone(scene):
    page = scene.page
    for keys, place in (("gd", "#/datasets"), ("gs", "#/system"), ("gb", "#/bin"), ("gj", "#/jobs")):
        for key in keys:
            page.keyboard.press(key)
        scene.watched.wait_for(f"location.hash == '{place}'", f"{keys} opens {place}")
    scene.watched.wait(f"tr[data-job='{scene.job}']", "the list is there")
    page.keyboard.press("?")
    scene.watched.wait("dialog kbd", "? lists the keys")
    page.keyboard.press("Escape")
    page.keyboard.press("/")
    page.keyboard.type("second_try")
    scene.watched.wait_for("document.querySelectorAll('tbody tr').length == 1", "the filter leaves one job")
    seen = tab_until(scene, "document.activeElement.matches('a.job-name')")
    page.keyboard.press("Enter")
    scene.watched.wait_for(f"location.hash == '#/job/{scene.job}'", f"Enter opens the job; Tab went over {seen}")
    scene.watched.wait(".tabs", "the job's page is there")
    page.keyboard.press("3")
    scene.watched.wait_for("location.hash.endsWith('/log')", "3 opens the log")
    page.goto(scene.studio.address)
    page.reload()
    scene.watched.wait("tbody tr", "the list is there")
    page.keyboard.press("Tab")
    expect(page.evaluate("document.activeElement.id") == "skip", "the first stop of Tab is not the link to the content")


def tab_until(scene, question, most=20):
    """Where Tab went until what was wanted had the focus; each stop must show that it has it."""
    seen = []
    for _ in range(most):
        scene.page.keyboard.press("Tab")
        seen.append(scene.page.evaluate("document.activeElement.outerHTML.slice(0, 60)"))
        ring = scene.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        expect(ring != "none", f"has the focus and does not show it: {seen[-1]}")
        if scene.page.evaluate(question):
            return seen
    expect(False, f"Tab did not reach {question}: {json.dumps(seen)}")
    return seen


# ---------------------------------------------------------------- from other machines

def sign_in(scene):
    """The studio is started anew where other machines reach it: it finds its jobs, and asks for the token."""
    page, studio = scene.page, scene.studio
    page.goto("about:blank")
    studio.stop()
    studio.start("--host", "0.0.0.0", port=studio.port)
    expect(studio.token, f"no token was printed: {studio.last_words()}")
    page.goto(studio.address)
    for token, what in (("wrong", "a wrong token is refused"), (studio.token, "the token opens the studio")):
        scene.watched.wait("input[name=token]", "the token is asked for")
        page.fill("input[name=token]", token)
        page.keyboard.press("Enter")
        scene.watched.wait(".fault" if token == "wrong" else f"tr[data-job='{scene.job}']", what)
    cookie = next(one for one in scene.watched.context.cookies() if one["httpOnly"])
    expect(cookie["sameSite"] == "Strict", f"the cookie's SameSite is {cookie['sameSite']}")


STEPS = [
    make_a_folder, drop_a_large_file, write_captions, trim_a_clip, check_the_clips, hold_a_clip_out, clone_and_compare, zoom,
    use_the_queue, throw_away_and_restore, split_an_adapter, sample_from_it, use_keys_alone, sign_in,
]
