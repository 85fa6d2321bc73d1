"""Writes fixture files and the manifest that names versions, seeds and tolerances."""

import importlib.metadata
import json
import shutil
from pathlib import Path

from safetensors.torch import save_file

PACKAGES = [
    "torch", "diffusers", "transformers", "peft", "safetensors", "sentencepiece", "tokenizers", "bitsandbytes",
    "dadaptation", "lion-pytorch", "prodigyopt", "schedulefree",
]
MODULE = 1e-5
EXACT = 0.0


class FixtureFolder:
    """A folder of safetensors files; `tolerances` maps tensor patterns to errors relative to the maximum."""

    def __init__(self, path):
        self.path = Path(path)
        if (self.path / "manifest.json").exists():  # an earlier recording, of which nothing shall stay
            shutil.rmtree(self.path)
        self.path.mkdir(parents=True, exist_ok=True)
        self.files = {}

    def save(self, name, tensors, metadata=None, tolerances=None, seed=None):
        """Writes one file; the first pattern of `tolerances` that matches a tensor's name counts."""
        clean = {key: tensor.detach().clone().contiguous() for key, tensor in tensors.items()}
        text = {key: as_text(value) for key, value in (metadata or {}).items()}
        path = self.path / f"{name}.safetensors"
        path.parent.mkdir(parents=True, exist_ok=True)
        save_file(clean, path, metadata=text or None)
        sort_metadata(path)
        rows = [list(row) for row in tolerances.items()] if tolerances else None
        self.note(path, tensors=len(clean), tolerances=rows, seed=seed)

    def save_json(self, name, value):
        """Writes a list, one element per line."""
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        rows = ",\n".join(json.dumps(row, ensure_ascii=False) for row in value)
        path.write_text(f"[\n{rows}\n]\n", encoding="utf-8")
        self.note(path)

    def save_text(self, name, text):
        path = self.path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        self.note(path)

    def note(self, path, **facts):
        """Adds a file that something else wrote to the manifest."""
        relative = str(Path(path).relative_to(self.path))
        self.files[relative] = {key: value for key, value in facts.items() if value is not None}
        print(f"  {relative}  {Path(path).stat().st_size / 1e3:.1f} kB", flush=True)

    def note_folder(self, name):
        """Adds all files below a folder to the manifest."""
        for path in sorted((self.path / name).rglob("*")):
            if path.is_file():
                self.note(path)

    def write_manifest(self):
        versions = {package: importlib.metadata.version(package) for package in PACKAGES}
        manifest = {
            "tolerance": "largest absolute difference, divided by the largest magnitude recorded",
            "packages": versions,
            "files": dict(sorted(self.files.items())),
        }
        text = json.dumps(manifest, indent=1) + "\n"
        (self.path / "manifest.json").write_text(text, encoding="utf-8")

    def total_bytes(self):
        return sum(path.stat().st_size for path in self.path.rglob("*") if path.is_file())


def as_text(value):
    return value if isinstance(value, str) else json.dumps(value)


def sort_metadata(path):
    """Puts the header's metadata in order; safetensors writes it in a new random order each time."""
    with open(path, "r+b") as file:
        length = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(length))
        metadata = header.pop("__metadata__", None)
        if metadata:
            header = {"__metadata__": dict(sorted(metadata.items()))} | header
            text = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode()
            assert len(text) <= length, path
            file.seek(8)
            file.write(text.ljust(length))
