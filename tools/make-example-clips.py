#!/usr/bin/env python3
"""Draws the clips of Examples/clips: one cartoon character who speaks, in twelve scenes.

Needs `ffmpeg` (with libx264), `espeak-ng` and Python's NumPy:
    apt-get install ffmpeg espeak-ng python3-numpy
Usage: tools/make-example-clips.py [FOLDER]      (default: Examples/clips)

Everything is computed, nothing is random: with the same versions of the programs the same files
come out. The mouth opens with the loudness of the voice, frame by frame.
"""
import pathlib
import subprocess
import sys
import tempfile
import wave

import numpy as np

WIDTH, HEIGHT, RATE = 320, 256, 24
SOUND_RATE = 48000
TRIGGER = "ohwx"
VOICE = ["-v", "en-us", "-p", "62", "-s", "150", "-a", "150", "-g", "2"]

SKIN, HAIR, COAT = (238, 190, 150), (196, 74, 32), (32, 128, 132)
SHADE, LINE, WHITE = (214, 158, 120), (58, 34, 26), (250, 250, 246)
IRIS, LIPS, MOUTH, TONGUE = (44, 110, 60), (176, 62, 66), (84, 20, 26), (214, 104, 104)

# name, what is behind, where the head is, expression, how it moves, caption, words
SCENES = [
    ("01-greeting", "kitchen", (160, 118), "happy", "still",
     "smiles in front of a yellow kitchen wall with tiles and says", "Hello there, it is good to see you."),
    ("02-rain", "rain", (150, 120), "sad", "still",
     "looks sad in front of a grey window with rain and says", "It has been raining all day long."),
    ("03-forest", "forest", (186, 122), "happy", "sway",
     "sways from side to side in a green forest and says", "Listen, the birds are singing today."),
    ("04-night", "night", (130, 118), "calm", "still",
     "looks calm under a dark blue sky with stars and a moon and says", "The moon is very bright tonight."),
    ("05-desert", "desert", (160, 124), "surprised", "still",
     "looks surprised in a desert with orange dunes and says", "Who left a piano out here?"),
    ("06-sea", "sea", (196, 118), "happy", "nod",
     "nods in front of a blue sea with waves and says", "Yes, I would love to go for a swim."),
    ("07-library", "library", (124, 120), "calm", "still",
     "looks calm in front of shelves full of books and says", "Please read the first page aloud."),
    ("08-snow", "snow", (160, 116), "happy", "sway",
     "sways from side to side in falling snow and says", "Winter is my favourite time of year."),
    ("09-stage", "stage", (160, 120), "surprised", "nod",
     "nods on a stage with red curtains and says", "Welcome to the show, everybody!"),
    ("10-garden", "garden", (140, 122), "happy", "still",
     "smiles in a garden with pink flowers and says", "I planted all of these flowers myself."),
    ("11-workshop", "workshop", (182, 118), "angry", "still",
     "frowns in a brown workshop with hanging tools and says", "Somebody has taken my hammer again."),
    ("12-sunset", "sunset", (160, 118), "calm", "sway",
     "sways from side to side in front of a sunset and says", "That was a long and lovely day."),
]

Y, X = np.mgrid[0:HEIGHT, 0:WIDTH].astype(np.float32)


# --- drawing: every shape is a soft mask that a colour is laid through ------------------------


def paint(picture, mask, colour):
    picture += mask[..., None] * (np.array(colour, np.float32) - picture)


def soft(distance):
    """1 inside, 0 outside, from a distance in pixels that is negative inside."""
    return np.clip(0.5 - distance, 0, 1)


def ellipse(cx, cy, rx, ry):
    radius = np.hypot((X - cx) / rx, (Y - cy) / ry)
    return soft((radius - 1) * min(rx, ry))


def box(x0, y0, x1, y1):
    return soft(np.maximum(np.maximum(x0 - X, X - x1), np.maximum(y0 - Y, Y - y1)))


def stroke(points, width):
    """A line of round pens through the points."""
    best = np.full(X.shape, 1e9, np.float32)
    for (x0, y0), (x1, y1) in zip(points, points[1:]):
        dx, dy = x1 - x0, y1 - y0
        along = np.clip(((X - x0) * dx + (Y - y0) * dy) / max(dx * dx + dy * dy, 1e-6), 0, 1)
        best = np.minimum(best, np.hypot(X - x0 - along * dx, Y - y0 - along * dy))
    return soft(best - width / 2)


def arc(cx, cy, half, bend, steps=8):
    """Points of a flat curve around (cx, cy); bend > 0 hangs down in the middle."""
    ts = np.linspace(-1, 1, steps)
    return [(cx + half * t, cy + bend * (1 - t * t)) for t in ts]


def gradient(top, bottom):
    share = (Y / HEIGHT)[..., None]
    return (np.array(top, np.float32) * (1 - share) + np.array(bottom, np.float32) * share)


# --- scenes -----------------------------------------------------------------------------------


def kitchen(time):
    p = gradient((246, 222, 140), (236, 204, 116))
    for x in range(0, WIDTH, 40):
        paint(p, box(x - 1, 150, x + 1, HEIGHT), (214, 180, 96))
    for y in range(150, HEIGHT, 36):
        paint(p, box(0, y - 1, WIDTH, y + 1), (214, 180, 96))
    paint(p, box(14, 30, 84, 96), (150, 96, 60))
    paint(p, box(20, 36, 78, 90), (176, 118, 78))
    return p


def rain(time):
    p = gradient((120, 130, 146), (88, 98, 114))
    paint(p, box(156, 0, 164, HEIGHT), (66, 70, 80))
    paint(p, box(0, 60, WIDTH, 67), (66, 70, 80))
    for i in range(26):
        x = (i * 53) % WIDTH
        y = (i * 97 + time * 260) % (HEIGHT + 40) - 20
        paint(p, stroke([(x, y), (x - 4, y + 18)], 1.6) * 0.7, (190, 204, 222))
    return p


def forest(time):
    p = gradient((150, 200, 150), (60, 120, 62))
    for i, x in enumerate((18, 70, 128, 236, 296)):
        paint(p, box(x - 8, 60, x + 8, HEIGHT), (104, 70, 44))
        paint(p, ellipse(x, 46, 40, 44), (40, 104 + 8 * i, 50))
    return p


def night(time):
    p = gradient((10, 14, 46), (36, 44, 96))
    for i in range(24):
        paint(p, ellipse((i * 71) % WIDTH, (i * 37) % 150, 1.3, 1.3), (230, 230, 210))
    paint(p, ellipse(262, 52, 28, 28), (238, 232, 196))
    paint(p, ellipse(252, 46, 6, 6), (214, 206, 168))
    return p


def desert(time):
    p = gradient((250, 214, 150), (244, 176, 96))
    paint(p, ellipse(60, 250, 170, 90), (222, 142, 66))
    paint(p, ellipse(270, 262, 150, 96), (204, 120, 52))
    paint(p, ellipse(282, 44, 22, 22), (255, 244, 200))
    return p


def sea(time):
    p = gradient((150, 212, 246), (196, 232, 250))
    paint(p, box(0, 128, WIDTH, HEIGHT), (34, 104, 178))
    for row in range(5):
        y = 140 + row * 24
        for x in range(-40, WIDTH + 40, 48):
            at = x + 24 * (row % 2) + 6 * np.sin(time * 2 + row)
            paint(p, stroke(arc(at, y, 14, 5), 2.4), (170, 212, 240))
    return p


def library(time):
    p = gradient((92, 60, 40), (74, 46, 30))
    colours = [(160, 40, 40), (40, 80, 130), (60, 120, 70), (180, 140, 60), (110, 60, 120)]
    for row in range(4):
        y = 14 + row * 62
        for i, x in enumerate(range(4, WIDTH - 10, 18)):
            paint(p, box(x, y + (i * 7 + row * 5) % 12, x + 14, y + 50), colours[(i + row * 2) % 5])
        paint(p, box(0, y + 50, WIDTH, y + 56), (52, 32, 20))
    return p


def snow(time):
    p = gradient((190, 208, 228), (236, 242, 250))
    paint(p, ellipse(160, 290, 280, 80), (252, 252, 255))
    for i in range(26):
        x = (i * 83 + 6 * np.sin(time * 2 + i)) % WIDTH
        y = (i * 59 + time * 50) % HEIGHT
        paint(p, ellipse(x, y, 3, 3), (255, 255, 255))
    return p


def stage(time):
    p = gradient((150, 22, 34), (112, 14, 26))
    for x in range(0, WIDTH, 22):
        paint(p, box(x, 0, x + 7, 220), (176, 34, 44))
    paint(p, box(0, 220, WIDTH, HEIGHT), (134, 92, 56))
    return p


def garden(time):
    p = gradient((172, 222, 250), (206, 238, 210))
    paint(p, box(0, 150, WIDTH, HEIGHT), (92, 168, 82))
    for i in range(16):
        x, y = (i * 61 + 14) % WIDTH, 164 + (i * 29) % 84
        for angle in range(5):
            a = angle * 2 * np.pi / 5
            paint(p, ellipse(x + 6 * np.cos(a), y + 6 * np.sin(a), 4.5, 4.5), (240, 130, 182))
        paint(p, ellipse(x, y, 3.5, 3.5), (250, 220, 90))
    return p


def workshop(time):
    p = gradient((150, 112, 78), (120, 86, 58))
    for x in range(0, WIDTH, 54):
        paint(p, box(x, 0, x + 2, HEIGHT), (100, 70, 46))
    for i, x in enumerate((30, 72, 252, 292)):
        paint(p, box(x - 3, 24, x + 3, 84), (90, 52, 28))
        paint(p, box(x - 13, 20 + 4 * (i % 2), x + 13, 34), (150, 154, 160))
    return p


def sunset(time):
    p = gradient((96, 60, 130), (250, 150, 84))
    paint(p, ellipse(160, 196, 62, 62), (255, 214, 120))
    paint(p, box(0, 206, WIDTH, HEIGHT), (70, 44, 80))
    return p


# --- the character ----------------------------------------------------------------------------


def face(p, centre, mood, opening, blink, brow):
    """The head and shoulders; opening is 0...1, blink 1 is closed."""
    x, y = centre
    paint(p, ellipse(x, y + 142, 88, 62), LINE)
    paint(p, ellipse(x, y + 143, 85, 60), COAT)
    paint(p, box(x - 15, y + 56, x + 15, y + 92), SHADE)
    paint(p, ellipse(x, y + 92, 17, 9), SHADE)
    paint(p, ellipse(x, y - 22, 73, 74), HAIR)
    for side in (-1, 1):
        paint(p, ellipse(x + side * 64, y + 8, 11, 16), LINE)
        paint(p, ellipse(x + side * 64, y + 8, 9, 14), SKIN)
    paint(p, ellipse(x, y, 63, 77), LINE)
    paint(p, ellipse(x, y, 60.5, 74.5), SKIN)
    scalp = np.minimum(ellipse(x, y - 22, 73, 74), box(0, 0, WIDTH, y - 52))
    paint(p, scalp, HAIR)
    for i, at in enumerate((-46, -23, 0, 23, 46)):
        paint(p, ellipse(x + at, y - 58 + abs(at) * 0.3, 16, 14 - i % 2), HAIR)
    for side in (-1, 1):
        paint(p, ellipse(x + side * 38, y + 28, 11, 7) * 0.55, (240, 150, 130))
        eye(p, x + side * 25, y - 8, mood, blink)
        eyebrow(p, x + side * 25, y - 28 - brow, side, mood)
    paint(p, stroke([(x + 1, y + 2), (x - 6, y + 20), (x + 3, y + 22)], 2.6), (190, 128, 92))
    mouth(p, x, y + 44, mood, opening)


def eye(p, x, y, mood, blink):
    height = (17 if mood == "surprised" else 13 if mood != "calm" else 11) * (1 - blink)
    if height < 3:
        paint(p, stroke(arc(x, y, 13, 3), 2.8), LINE)
        return
    paint(p, ellipse(x, y, 14.5, height + 1.5), LINE)
    white = ellipse(x, y, 13, height)
    paint(p, white, WHITE)
    paint(p, np.minimum(ellipse(x, y + 1, 7.5, 7.5), white), IRIS)
    paint(p, np.minimum(ellipse(x, y + 1, 3.6, 3.6), white), (16, 16, 16))
    paint(p, np.minimum(ellipse(x + 2.4, y - 1.6, 1.7, 1.7), white), WHITE)


def eyebrow(p, x, y, side, mood):
    tilt = {"angry": 7, "sad": -6}.get(mood, 0)
    lift = {"surprised": -7, "angry": 5, "happy": -1}.get(mood, 0)
    arch = {"angry": 2, "happy": 8}.get(mood, 5)
    points = [(x - side * 14, y + tilt + lift), (x, y - arch + lift), (x + side * 14, y + lift)]
    paint(p, stroke(points, 5), (140, 48, 22))


def mouth(p, x, y, mood, opening):
    bend = {"happy": 6, "sad": -5, "angry": -4}.get(mood, 1)
    half = 20 if mood == "happy" else 17
    if opening < 0.06:
        paint(p, stroke(arc(x, y - bend / 2, half, bend), 4), LIPS)
        return
    height = 3 + 16 * opening
    paint(p, ellipse(x, y + 2, half - 4 * opening + 2.6, height + 2.6), LIPS)
    inside = ellipse(x, y + 2, half - 4 * opening, height)
    paint(p, inside, MOUTH)
    paint(p, np.minimum(ellipse(x, y + 2 + height * 0.75, 11, height * 0.55), inside), TONGUE)
    paint(p, np.minimum(box(x - 12, y - height, x + 12, y + 2 - height * 0.5), inside), WHITE)


def place(centre, movement, time):
    x, y = centre
    if movement == "sway":
        return x + 14 * np.sin(time * 2.4), y + 2 * np.cos(time * 4.8)
    if movement == "nod":
        return x, y + 7 * np.sin(time * 5.0)
    return x + 1.5 * np.sin(time * 1.7), y + 1.5 * np.sin(time * 2.3)


# --- sound ------------------------------------------------------------------------------------


def speak(words, folder):
    """The words as floats at 48 kHz, a quarter of a second of silence before and after."""
    said, wide = folder / "said.wav", folder / "wide.wav"
    subprocess.run(["espeak-ng", *VOICE, "-w", said, words], check=True)
    subprocess.run(
        ["ffmpeg", "-v", "error", "-y", "-i", said, "-ar", str(SOUND_RATE), "-ac", "1",
         "-c:a", "pcm_s16le", "-bitexact", wide], check=True)
    with wave.open(str(wide)) as file:
        sound = np.frombuffer(file.readframes(file.getnframes()), "<i2") / 32768
    loud = np.flatnonzero(np.abs(sound) > 0.004)
    sound = sound[loud[0]:loud[-1]]
    sound = sound * (0.7 / np.abs(sound).max())
    quiet = np.zeros(SOUND_RATE // 4)
    return np.concatenate([quiet, sound, quiet])


def openings(sound, count):
    """How far the mouth is open in each frame: its loudness, 0...1."""
    size = SOUND_RATE // RATE
    padded = np.pad(sound, (0, max(0, count * size - len(sound))))
    loudness = np.sqrt((padded[: count * size].reshape(count, size) ** 2).mean(1))
    return np.clip(loudness / np.quantile(loudness, 0.92), 0, 1)


# --- one clip ---------------------------------------------------------------------------------


def make(scene, number, target, folder):
    name, place_name, centre, mood, movement, caption, words = scene
    sound = speak(words, folder)
    count = min(96, max(49, int(np.ceil(len(sound) * RATE / SOUND_RATE))))
    assert len(sound) <= count * SOUND_RATE // RATE, f"{name}: the words take too long"
    sound = np.pad(sound, (0, count * SOUND_RATE // RATE - len(sound)))
    pcm = folder / "sound.s16"
    pcm.write_bytes((sound * 32767).round().astype("<i2").tobytes())
    encoder = subprocess.Popen(
        ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24",
         "-s", f"{WIDTH}x{HEIGHT}", "-r", str(RATE), "-i", "-",
         "-f", "s16le", "-ar", str(SOUND_RATE), "-ac", "1", "-i", pcm,
         "-vf", "scale=out_color_matrix=bt709:out_range=tv,format=yuv420p",
         "-c:v", "libx264", "-preset", "slow", "-crf", "25", "-g", "48", "-threads", "1",
         "-colorspace", "bt709", "-color_primaries", "bt709", "-color_trc", "bt709",
         "-color_range", "tv", "-c:a", "aac", "-b:a", "64k", "-fflags", "+bitexact",
         "-flags:v", "+bitexact", "-flags:a", "+bitexact", "-movflags", "+faststart",
         target / f"{name}.mp4"], stdin=subprocess.PIPE)
    for frame, opening in enumerate(openings(sound, count)):
        time = frame / RATE
        picture = globals()[place_name](time)
        blink = 1.0 if (frame + number * 11) % 43 in (0, 1, 2) else 0.0
        face(picture, place(centre, movement, time), mood, opening, blink, 4 * opening)
        encoder.stdin.write(picture.clip(0, 255).round().astype(np.uint8).tobytes())
    encoder.stdin.close()
    if encoder.wait() != 0:
        raise SystemExit(f"{name}: ffmpeg failed")
    text = (f"{TRIGGER}, a drawn character with red hair, green eyes and a teal coat, {caption}: "
            f"\"{words}\"\n")
    (target / f"{name}.txt").write_text(text)


def main():
    root = pathlib.Path(__file__).resolve().parent.parent
    target = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else root / "Examples" / "clips"
    target.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        for number, scene in enumerate(SCENES):
            make(scene, number, target, pathlib.Path(folder))
    total = sum(path.stat().st_size for path in target.iterdir())
    print(f"{len(SCENES)} clips, {total / 1e6:.2f} MB in {target}")


if __name__ == "__main__":
    main()
