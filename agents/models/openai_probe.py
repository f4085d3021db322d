"""Does an OpenAI-compatible server refuse what is too long? Asked once, where the answer costs nothing."""

from __future__ import annotations

from typing import Any

import openai

from agents.models.openai_model import named
from agents.models.tee import Tee
from harness.core.errors import ContextOverflow, ModelError

REFUSAL_S = 120.0


def refuses(client: openai.OpenAI, tee: Tee, name: str, window: int) -> bool:
    """Send more words than the window has tokens; a refusal needs only tokenising."""
    flood: list[Any] = [{"role": "user", "content": "x7 " * (window + window // 4 + 64)}]
    try:
        with named(tee), client.chat.completions.create(model=name, messages=flood, max_tokens=1, stream=True, timeout=REFUSAL_S) as chunks:
            next(iter(chunks), None)
    except ContextOverflow:
        return True
    except ModelError:
        return False
    return False
