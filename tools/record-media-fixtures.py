#!/usr/bin/env python3
"""Writes the fixtures of MediaTests: small pictures, and what PIL makes of them.

Needs Pillow and NumPy. Usage: record-media-fixtures.py Tests/MediaTests/Fixtures
"""
import pathlib
import sys

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageOps

ORIENTATION = 0x0112
SIZES = [(40, 30), (72, 48), (120, 90)]


def photo():
    """A picture with gradients, edges, thin lines and a little grain."""
    width, height = 97, 73
    y, x = np.mgrid[0:height, 0:width]
    base = np.stack([x * 255 / width, y * 255 / height, 128 + 90 * np.sin(x / 5 + y / 9)], -1)
    picture = Image.fromarray(base.clip(0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(picture)
    draw.ellipse((20, 10, 60, 55), fill=(230, 180, 150), outline=(20, 20, 20), width=2)
    draw.rectangle((66, 40, 92, 68), fill=(40, 60, 160))
    for at in range(0, 40, 4):
        draw.line((60 + at, 0, 50 + at, 30), fill=(255, 255, 255))
    picture = picture.filter(ImageFilter.GaussianBlur(0.6))
    grain = np.random.default_rng(7).normal(0, 3, (height, width, 1))
    return Image.fromarray((np.asarray(picture) + grain).clip(0, 255).astype(np.uint8))


def record_photo(folder):
    picture = photo()
    alpha = picture.copy()
    alpha.putalpha(Image.linear_gradient("L").resize(picture.size))
    alpha.save(folder / "photo.png")
    picture.save(folder / "photo.jpg", quality=92)
    picture.save(folder / "photo.webp", quality=92)
    for name in ("photo.png", "photo.jpg", "photo.webp"):
        for size in SIZES:
            made = Image.open(folder / name).convert("RGB").resize(size, Image.BICUBIC)
            target = folder / f"{name}-{size[0]}x{size[1]}.rgb"
            target.write_bytes(made.tobytes())


def record_orientations(folder):
    corners = np.zeros((16, 24, 3), np.uint8)
    corners[:8, :12], corners[:8, 12:] = (250, 20, 20), (20, 250, 20)
    corners[8:, :12], corners[8:, 12:] = (20, 20, 250), (240, 240, 240)
    picture = Image.fromarray(corners)
    for value in range(1, 9):
        exif = Image.Exif()
        exif[ORIENTATION] = value
        for ending, options in (("png", {}), ("jpg", {"quality": 95}), ("webp", {"lossless": True})):
            path = folder / f"turned-{value}.{ending}"
            picture.save(path, exif=exif, **options)
            shown = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
            (folder / f"turned-{value}.{ending}.rgb").write_bytes(shown.tobytes())


folder = pathlib.Path(sys.argv[1])
record_photo(folder)
record_orientations(folder)
