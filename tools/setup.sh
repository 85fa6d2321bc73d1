#!/usr/bin/env bash
# Installs what a build needs and is missing; does nothing when all is there.
#   1. distribution packages (through apt-get when run as root on Debian or Ubuntu)
#   2. LibTorch, from pip's torch wheel, in a cache folder that clones share; .deps/torch links to it
# LIKENESS_CACHE moves the cache folder, TORCH_VERSION asks for another LibTorch (2.11 to 2.15).
set -euo pipefail
cd "$(dirname "$0")/.."

TORCH_VERSION="${TORCH_VERSION:-2.13}"
CACHE="${LIKENESS_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/likeness}"

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { say "$*"; exit 1; }

# ---------------------------------------------------------------- distribution packages

# What is probed for, and the Debian package that brings it.
library_packages() {
    local probes=(
        "libavformat:libavformat-dev" "libavcodec:libavcodec-dev" "libavutil:libavutil-dev"
        "libebur128:libebur128-dev" "libswscale:libswscale-dev" "libswresample:libswresample-dev" "sentencepiece:libsentencepiece-dev"
        "sqlite3:libsqlite3-dev"
    )
    local program_probes=(
        "pkg-config:pkg-config" "ffmpeg:ffmpeg" "espeak-ng:espeak-ng" "python3:python3" "unzip:unzip"
        "flock:util-linux" "make:make"
    )
    local probe
    for probe in "${program_probes[@]}"; do
        command -v "${probe%%:*}" >/dev/null || echo "${probe##*:}"
    done
    for probe in "${probes[@]}"; do
        pkg-config --exists "${probe%%:*}" 2>/dev/null || echo "${probe##*:}"
    done
    if command -v python3 >/dev/null && ! python3 -m pip --version >/dev/null 2>&1; then
        echo python3-pip
    fi
}

install_packages() {
    local missing
    mapfile -t missing < <(library_packages | sort -u)
    tools/install-packages.sh "${missing[@]}"
}

check_swift() {
    command -v swift >/dev/null || fail "swift is not installed; get Swift 6.1 or newer from swift.org/install"
}

# ---------------------------------------------------------------- LibTorch

list_files() { (cd "$1" && find . -type f ! -name files.txt -printf '%s\t%p\n' | LC_ALL=C sort); }

# Whole: the list (written last) names every kept file with its size, and all of them still agree.
is_whole() {
    [ -f "$1/files.txt" ] && list_files "$1" | cmp -s - "$1/files.txt"
}

# The wheel for this Python, or, since nothing of Python is used, for one that has wheels.
download_wheel() {
    local pip=(python3 -m pip download --quiet --disable-pip-version-check --no-deps -d "$1")
    "${pip[@]}" "torch==$TORCH_VERSION.*" && return
    say "no torch $TORCH_VERSION for this Python; trying those for Python 3.12"
    "${pip[@]}" --only-binary=:all: --python-version 3.12 --implementation cp \
        --platform "manylinux_2_28_$(uname -m)" "torch==$TORCH_VERSION.*"
}

# Unpacks the wheel into $1: headers and libraries only, each checked against the wheel's own list.
unpack_torch() {
    local into="$1" work="$1.work"
    rm -rf "$work" && mkdir -p "$work/wheels" "$work/tree"
    say "downloading LibTorch $TORCH_VERSION (pip's torch wheel)"
    download_wheel "$work/wheels" || fail "pip could not download torch $TORCH_VERSION; check the network, or set TORCH_VERSION"
    say "unpacking LibTorch"
    python3 - "$work/wheels" "$work/tree" <<'PYTHON'
import base64, csv, glob, hashlib, io, os, sys, zipfile

wheels, tree = sys.argv[1:]
kept = ("torch/lib/", "torch/include/", "torch/version.py", "torch.libs/")

for path in glob.glob(os.path.join(wheels, "*.whl")):
    wheel = zipfile.ZipFile(path)
    record = next(n for n in wheel.namelist() if n.endswith(".dist-info/RECORD"))
    sums = {row[0]: row[1] for row in csv.reader(io.TextIOWrapper(wheel.open(record), "utf-8"))}
    for name in wheel.namelist():
        if not name.startswith(kept) or name.endswith("/"):
            continue
        target = os.path.join(tree, name)
        os.makedirs(os.path.dirname(target), exist_ok=True)
        digest = hashlib.sha256()
        with wheel.open(name) as source, open(target, "wb") as sink:
            while block := source.read(1 << 20):
                digest.update(block)
                sink.write(block)
        found = base64.urlsafe_b64encode(digest.digest()).rstrip(b"=").decode()
        if sums.get(name, "").removeprefix("sha256=") not in ("", found):
            sys.exit(f"{name}: damaged in the wheel; delete pip's cache and try again")
PYTHON
    [ -f "$work/tree/torch/lib/libtorch_cpu.so" ] || fail "the torch wheel has no lib/libtorch_cpu.so"
    if [ -f "$work/tree/torch/lib/libtorch_cuda.so" ]; then unpack_cuda_libraries "$work"; fi
    list_files "$work/tree" >"$work/files.txt" && mv "$work/files.txt" "$work/tree/files.txt"
    rm -rf "$into" && mv "$work/tree" "$into" && rm -rf "$work"
}

# A CUDA wheel keeps NVIDIA's libraries in wheels of their own, found beside torch/ through its RPATH.
unpack_cuda_libraries() {
    say "downloading the CUDA libraries that this torch wheel needs"
    python3 -m pip download --quiet --disable-pip-version-check -d "$1/cuda" "$1"/wheels/torch-*.whl
    local wheel
    for wheel in "$1"/cuda/nvidia_*.whl "$1"/cuda/triton*.whl; do
        case "$wheel" in *nvidia_*) unzip -q -o "$wheel" 'nvidia/*' -d "$1/tree" ;; esac
    done
}

install_torch() {
    local home="$CACHE/libtorch-$TORCH_VERSION-$(uname -m)"
    mkdir -p "$CACHE" .deps
    exec 9>"$CACHE/libtorch.lock"
    flock 9
    is_whole "$home" || unpack_torch "$home"
    flock -u 9
    if [ "$(readlink .deps/torch 2>/dev/null || true)" != "$home/torch" ]; then
        ln -sfn "$home/torch" .deps/torch
        say "LibTorch $(sed -n "s/^__version__ = '\(.*\)'/\1/p" .deps/torch/version.py) at .deps/torch"
    fi
}

check_swift
install_packages
install_torch
