"""Which server stands behind an OpenAI-compatible address, and what it tells of its window and model."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import httpx2
import msgspec

from agents.models.ollama_address import is_here
from agents.models.tee import FRESH

LOOK_S = 10.0
COUNT_S = 60.0


class Server(msgspec.Struct, frozen=True):
    """`kind` a key of openai_wire.DIALECTS; `window` tokens per request as the server tells, None where it does not."""

    kind: str
    version: str = ""
    window: int | None = None
    trained: int | None = None
    quantisation: str = ""
    family: str = ""
    template: str = ""
    slots: int = 1
    models: tuple[str, ...] = ()


def root(base_url: str) -> str:
    """The address without its /v1."""
    return base_url.rstrip("/").removesuffix("/v1").rstrip("/")


class Desk:
    """The server's own questions beside the OpenAI-shaped ones."""

    def __init__(self, base_url: str, key: str) -> None:
        headers = {"authorization": f"Bearer {key}"} if key else {}
        self._root = root(base_url)
        # A new connection each time: one that the server just closed would make an address look as if it were not there.
        self._http = httpx2.Client(headers=headers, timeout=LOOK_S, limits=FRESH, trust_env=not is_here(base_url))

    def close(self) -> None:
        self._http.close()

    def look(self, name: str) -> Server:
        """Ask in an order in which no server is taken for another: llama.cpp answers some of Ollama's addresses."""
        listed = self._get("/v1/models")
        entries = [entry for entry in _entries(listed) if isinstance(entry, dict)]
        ids = tuple(str(entry.get("id", "")) for entry in entries)
        mine = next((entry for entry in entries if entry.get("id") == name), entries[0] if len(entries) == 1 else {})
        found = self._hosted() or self._llama_cpp(mine) or self._ollama() or self._others(name, mine)
        return msgspec.structs.replace(found, models=ids)

    def count(self, kind: str, name: str, sent: Mapping[str, Any]) -> int | None:
        """Tokens of the prompt, by llama.cpp's template and tokenizer or vLLM's tokenizer; None elsewhere."""
        prompt = {key: sent[key] for key in ("messages", "tools") if key in sent}
        if kind == "llama.cpp":
            rendered = self.render(kind, sent)
            said = None if rendered is None else self._post("/tokenize", {"content": rendered, "add_special": True, "parse_special": True})
            return len(said["tokens"]) if said and isinstance(said.get("tokens"), list) else None
        if kind in {"vllm", "sglang"}:
            said = self._post("/tokenize", {"model": name, **prompt})
            return said["count"] if said and isinstance(said.get("count"), int) else None
        return None

    def render(self, kind: str, sent: Mapping[str, Any]) -> str | None:
        """The prompt as llama.cpp's template makes it; None elsewhere."""
        if kind != "llama.cpp":
            return None
        extra = (sent.get("extra_body") or {}).get("chat_template_kwargs")
        asked = {key: sent[key] for key in ("messages", "tools") if key in sent} | ({"chat_template_kwargs": extra} if extra else {})
        said = self._post("/apply-template", asked)
        return said["prompt"] if said and isinstance(said.get("prompt"), str) else None

    def _hosted(self) -> Server | None:
        host = urlsplit(self._root).hostname or ""
        return Server("openai") if host.endswith((".openai.com", ".openai.azure.com")) else None

    def _llama_cpp(self, mine: Mapping[str, Any]) -> Server | None:
        props = self._get("/props")
        settings = props.get("default_generation_settings")
        if not isinstance(settings, dict):
            return None
        meta = mine.get("meta") or {}
        return Server(
            "llama.cpp", str(props.get("build_info", "")), _int(settings.get("n_ctx")), _int(meta.get("n_ctx_train")),
            template=str(props.get("chat_template", "")), slots=_int(props.get("total_slots")) or 1,
        )  # fmt: skip

    def _ollama(self) -> Server | None:
        version = self._get("/api/version").get("version")
        return Server("ollama", str(version)) if isinstance(version, str) else None

    def _others(self, name: str, mine: Mapping[str, Any]) -> Server:
        window = _int(mine.get("max_model_len"))
        if mine.get("owned_by") == "vllm":
            return Server("vllm", str(self._get("/version").get("version", "")), window, window, slots=4)
        if "model_path" in self._get("/get_model_info"):
            info = self._get("/get_server_info")
            told = window or _int(info.get("context_length")) or _int(info.get("max_total_num_tokens"))
            return Server("sglang", str(info.get("version", "")), told, told, slots=4)
        studio = self._get(f"/api/v0/models/{name}")
        if "loaded_context_length" in studio or "max_context_length" in studio:
            return Server(
                "lmstudio", "", _int(studio.get("loaded_context_length")), _int(studio.get("max_context_length")),
                str(studio.get("quantization", "")), str(studio.get("arch", "")),
            )  # fmt: skip
        return Server("unknown", window=window)

    def _get(self, path: str) -> dict[str, Any]:
        """The answer's object; empty where there is none: an address a server lacks is an answer too."""
        with _quiet():
            answer = self._http.get(self._root + path)
            said = answer.json() if answer.status_code == httpx2.codes.OK else {}
            return said if isinstance(said, dict) else {}
        return {}

    def _post(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        with _quiet():
            answer = self._http.post(self._root + path, json=body, timeout=COUNT_S)
            said = answer.json() if answer.status_code == httpx2.codes.OK else {}
            return said if isinstance(said, dict) else {}
        return {}


@contextmanager
def _quiet() -> Iterator[None]:
    try:
        yield
    except (httpx2.HTTPError, ValueError):
        return


def _entries(listed: Mapping[str, Any]) -> list[object]:
    data = listed.get("data")
    return data if isinstance(data, list) else []


def _int(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
