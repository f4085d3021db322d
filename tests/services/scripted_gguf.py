"""Writes tiny GGUF models that real servers load and that do what a test orders; see `Wanted` for what can be ordered."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import gguf
import numpy as np

from tests.services.scripted_script import Wanted, write_script
from tests.services.scripted_vocabulary import END_OF_TEXT, MERGES, TURN_END, Vocabulary, make_vocabulary
from tests.services.scripted_weights import HEAD, HIDDEN, Matrix, make_weights

Architecture = Literal["llama", "qwen3"]
TEMPLATES = Path(__file__).parent / "templates"
TRAINED_WINDOW = 32768
PARAMETERS: dict[str, list[str] | int] = {"stop": [TURN_END], "temperature": 0, "seed": 1}


@dataclass(frozen=True)
class ScriptedModel:
    """A model file: its path, its `sha256:...` digest, and the template that an Ollama wants beside it."""

    path: Path
    digest: str
    template: str

    def create_request(self, name: str) -> dict[str, object]:
        """The body of POST /api/create, once the file is there as a blob."""
        files = {self.path.name: self.digest}
        return {"model": name, "files": files, "template": self.template, "parameters": PARAMETERS, "stream": False}

    def modelfile(self) -> str:
        """The same for `ollama create -f`."""
        lines = [f"FROM {self.path}", f'TEMPLATE """{self.template}"""']
        for name, value in PARAMETERS.items():
            lines += [f"PARAMETER {name} {each}" for each in (value if isinstance(value, list) else [value])]
        return "\n".join(lines) + "\n"


def write_model(
    path: Path, wanted: Wanted, *, architecture: Architecture = "llama", trained_window: int = TRAINED_WINDOW
) -> ScriptedModel:
    """Write the model of an order to `path`; a few MB, the same bytes for the same order."""
    script = write_script(wanted)
    words = make_vocabulary([wanted.rule, *script.words()])
    weights = make_weights(script, words, wanted.rule, norms=architecture == "qwen3")
    writer = gguf.GGUFWriter(str(path), architecture)
    add_shape(writer, weights, trained_window)
    add_tokenizer(writer, words)
    for name, tensor in weights.items():
        writer.add_tensor(name, np.ascontiguousarray(tensor))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return ScriptedModel(path, f"sha256:{digest}", (TEMPLATES / "scripted.gotmpl").read_text())


def add_shape(writer: gguf.GGUFWriter, weights: dict[str, Matrix], trained_window: int) -> None:
    """The numbers that a loader wants to know of the network."""
    width = weights["token_embd.weight"].shape[1]
    writer.add_name("scripted")
    writer.add_context_length(trained_window)
    writer.add_embedding_length(width)
    writer.add_block_count(1)
    writer.add_feed_forward_length(HIDDEN)
    writer.add_head_count(width // HEAD)
    writer.add_head_count_kv(width // HEAD)
    writer.add_key_length(HEAD)
    writer.add_value_length(HEAD)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(HEAD)
    writer.add_rope_freq_base(10000.0)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def add_tokenizer(writer: gguf.GGUFWriter, words: Vocabulary) -> None:
    """A byte-level vocabulary, its special tokens, and the chat template of servers that read Jinja."""
    writer.add_vocab_size(len(words.texts))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(list(words.texts))
    writer.add_token_types(list(words.types))
    writer.add_token_merges([" ".join(pair) for pair in MERGES])
    writer.add_bos_token_id(words.number(END_OF_TEXT))
    writer.add_eos_token_id(words.number(TURN_END))
    writer.add_pad_token_id(words.number(END_OF_TEXT))
    writer.add_add_bos_token(False)  # the template writes the anchor itself, once
    writer.add_chat_template((TEMPLATES / "scripted.jinja").read_text())


def digest_of(wanted: Wanted, architecture: Architecture, trained_window: int) -> str:
    """A short name for an order: the same order, the same name."""
    order = json.dumps([repr(wanted), architecture, trained_window])
    return hashlib.sha256(order.encode()).hexdigest()[:12]
