"""A small tokenizer built like Gemma's, and the ids that two libraries give for many prompts."""

import hashlib
import io
import json
import tempfile
from pathlib import Path

import sentencepiece
from transformers import GemmaTokenizer

from .prompts import PROMPTS

VOCABULARY = 1024
MAXIMUM_LENGTH = 1024
BEGIN = 2
LONGEST_RUN = 31  # Gemma has pieces for runs of 1...31 newlines and 2...31 blanks
USER_DEFINED = [
    "<mask>", "[multimodal]", "<unused0>", "<unused1>", "<start_of_turn>", "<end_of_turn>",
    *("\n" * count for count in range(1, LONGEST_RUN + 1)),
    *("▁" * count for count in range(2, LONGEST_RUN + 1)),
    "<table>", "</table>", "<strong>", "</strong>",
]
CAPTIONS = Path(__file__).parent.parent / "captions.txt"


def train():
    """Trains on the captions; one thread, so that the same captions give the same bytes."""
    lines = CAPTIONS.read_text(encoding="utf-8").splitlines()
    writer = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=writer, model_type="bpe", vocab_size=VOCABULARY,
        byte_fallback=True, add_dummy_prefix=False, remove_extra_whitespaces=False,
        normalization_rule_name="identity", split_digits=True, allow_whitespace_only_pieces=True,
        pad_id=0, eos_id=1, bos_id=BEGIN, unk_id=3, pad_piece="<pad>", eos_piece="<eos>",
        bos_piece="<bos>", unk_piece="<unk>", user_defined_symbols=USER_DEFINED,
        character_coverage=0.98, num_threads=1, minloglevel=2,
    )
    return writer.getvalue()


def train_foreign():
    """A model of another family: unigram, no bytes, a blank put in front, other control pieces."""
    lines = CAPTIONS.read_text(encoding="utf-8").splitlines()[:20]
    writer = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines), model_writer=writer, model_type="unigram", vocab_size=100,
        normalization_rule_name="identity", num_threads=1, minloglevel=2,
    )
    return writer.getvalue()


def literal_pieces(model):
    """Ids and texts of the pieces that are matched literally in a prompt."""
    processor = sentencepiece.SentencePieceProcessor(model_proto=model)
    literal = ["<pad>", "<eos>", "<bos>", "<unk>"] + USER_DEFINED
    return [(processor.piece_to_id(piece), piece) for piece in literal]


def write_folder(folder, model):
    """Writes `tokenizer.model` and the configuration, as published; transformers adds tokenizer.json.

    Published Gemma configurations list every control and user-defined piece as an added token.
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tokenizer.model").write_bytes(model)
    added = {
        str(index): dict(
            content=piece, lstrip=False, normalized=False, rstrip=False, single_word=False,
            special=index < 4 or piece.endswith("_of_turn>"),
        )
        for index, piece in literal_pieces(model)
    }
    configuration = dict(
        tokenizer_class="GemmaTokenizer", add_bos_token=True, add_eos_token=False, added_tokens_decoder=added,
        bos_token="<bos>", eos_token="<eos>", pad_token="<pad>", unk_token="<unk>",
        model_max_length=MAXIMUM_LENGTH, padding_side="left", clean_up_tokenization_spaces=False,
    )
    text = json.dumps(configuration, indent=1, ensure_ascii=False)
    (folder / "tokenizer_config.json").write_text(text, encoding="utf-8")
    return GemmaTokenizer.from_pretrained(folder)


def record(folder):
    """Writes `tokenizer/`: the model, and the ids of every prompt by transformers and by sentencepiece."""
    model = train()
    target = folder.path / "tokenizer"
    with tempfile.TemporaryDirectory() as scratch:
        reference = write_folder(Path(scratch), model)
        processor = sentencepiece.SentencePieceProcessor(model_proto=model)
        entries = [encoded(prompt, reference, processor) for prompt in PROMPTS]
    target.mkdir(exist_ok=True)
    (target / "tokenizer.model").write_bytes(model)
    folder.note(target / "tokenizer.model")
    folder.save_text("tokenizer/tokenizer.model.sha256", hashlib.sha256(model).hexdigest() + "\n")
    (target / "foreign.model").write_bytes(train_foreign())
    folder.note(target / "foreign.model")
    folder.save_json("tokenizer/ids.json", entries)
    differing = [entry["prompt"][:40] for entry in entries if "sentencepiece" in entry]
    print(f"  {len(entries)} prompts; the libraries differ on {differing}")
    return model


def encoded(prompt, reference, processor):
    """Ids of the stripped prompt; `sentencepiece` is given only where it differs from `transformers`."""
    text = prompt.strip()
    ids = reference(text, truncation=True, max_length=MAXIMUM_LENGTH).input_ids
    plain = ([BEGIN] + processor.encode(text))[:MAXIMUM_LENGTH]
    entry = {"prompt": prompt, "transformers": ids}
    if plain != ids:
        entry["sentencepiece"] = plain
    return entry
