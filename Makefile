# make setup   install what a build needs (packages, LibTorch); nothing when all is there
# make build   the program, release: .build/release/likeness
# make demo    a tiny checkpoint, a dozen clips, a trained LoRA: the whole way in a few minutes
# make test    every test
# make lint    format and warnings
# make format  put the sources into the one format
# make clips   draw the example clips again (ffmpeg, espeak-ng, python3-numpy)
# make evidence   measure again what docs/evidence says
# make fixtures   record the reference implementation again (Python, only here)
# make verify  prove that the model computes what the reference computes
# make bench   training steps of this program and of the Python trainers' stack in turns; start-up likewise (Python, only here)
# make bench-scaling   training steps of both against tokens and against blocks; a drawing and tables (Python, only here)
# make bench-caching   clips per minute through decoding, spectrogram and both VAEs, this program's and Python's (Python, only here)
# make bench-gpu    verify and training steps of released size on this machine's GPU, into docs/benchmarks
# make bench-adapters   what a training step of each kind of adapter costs beside LoRA
# make bench-merge   what ways to merge LoRAs do and cost: error and bleed where the truth is known, time at full size
# make browser   a user's whole way through the studio in headless Chromium (Python and the distribution's chromium, only here)
# make screenshots   the same, then pictures of every page into docs/screenshots
# make bench-studio  many watchers, a large history and a large upload, with limits
# make clean   remove build products; caches outside the clone stay

SHELL := /bin/bash
# Program and tests share one release build; tests reach internal declarations through it.
SWIFT_FLAGS := -c release -Xswiftc -enable-testing
FORMAT := --configuration .swift-format --parallel --recursive Sources Tests Packages Package.swift
LIKENESS := .build/release/likeness

.PHONY: setup build demo test lint format clips evidence fixtures verify bench bench-adapters bench-merge bench-gpu bench-scaling bench-caching browser screenshots bench-studio clean

setup:
	@tools/setup.sh

build: setup
	@swift build $(SWIFT_FLAGS) --product likeness

demo: build
	@tools/demo.sh $(LIKENESS)

# Built by `swift build`, like the program: `swift test` would build every package again its own way. Many tests compute at
# once: a thread that has nothing to do shall sleep instead of waiting awake for the next loop. Tests that watch processes and
# clients run after them, as beside them they would wait for minutes until they get a thread.
WATCHING := JobControlTests|StudioTests
test: setup
	@swift build $(SWIFT_FLAGS) --build-tests
	OMP_WAIT_POLICY=passive swift test $(SWIFT_FLAGS) --skip-build --skip "$(WATCHING)"
	OMP_WAIT_POLICY=passive swift test $(SWIFT_FLAGS) --skip-build --filter "$(WATCHING)"

lint:
	swift format lint --strict $(FORMAT)
	tools/lint.sh

format:
	swift format --in-place $(FORMAT)

clips: setup
	python3 tools/make-example-clips.py

evidence: setup
	@swift build $(SWIFT_FLAGS) --build-tests
	swift test $(SWIFT_FLAGS) --skip-build --filter \
	    "QuantizationError|LoadingMemory|VoiceEvidence|Preservation|LossBalance|Lesson|SoundSentence|SeedChecklist" | grep -E "^evidence|✔ Test|✘|Test run with"

fixtures:
	tools/record-fixtures/make-environment.sh
	"$$(tools/record-fixtures/make-environment.sh --path)" tools/record-fixtures/record.py

verify: build
	$(LIKENESS) verify

bench: setup
	@swift build $(SWIFT_FLAGS) --product likeness-bench
	@python=$$(tools/record-fixtures/make-environment.sh) && \
	    "$$python" tools/bench/compare.py --compiled && "$$python" tools/bench/start.py

bench-scaling: setup
	@swift build $(SWIFT_FLAGS) --product likeness-bench
	@tools/bench/scaling.sh

bench-caching: build
	@python=$$(tools/record-fixtures/make-environment.sh tools/bench/caching-requirements.txt) && \
	    "$$python" tools/bench/caching.py --worker

bench-adapters: build
	$(LIKENESS) bench adapters

bench-merge: build
	$(LIKENESS) bench merge --wide

bench-gpu: setup
	@swift build $(SWIFT_FLAGS) --product likeness-bench
	tools/bench-gpu.sh .build/release

browser: build
	@python=$$(tools/browser/environment.sh) && "$$python" tools/browser/drive.py --likeness $(LIKENESS)

screenshots: build
	@python=$$(tools/browser/environment.sh) && "$$python" tools/browser/shots.py --likeness $(LIKENESS)

bench-studio: build
	@python=$$(tools/browser/environment.sh) && "$$python" tools/browser/load.py --likeness $(LIKENESS)

clean:
	rm -rf .build
