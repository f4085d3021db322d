"""Which models are measured before their first trial, and what is kept of it: own ones, each at most two minutes, once."""

from __future__ import annotations

import time

import msgspec

from harness.core.errors import StoreError
from harness.core.facts import PLAYED, ModelFacts
from harness.core.measured import Measured, Pairing
from harness.core.ports import Model, Say
from harness.core.task import TaskSpec
from harness.engine.probing import BUDGET_S, measure
from harness.plan import ModelEntry, Plan
from harness.settings import Settings
from harness.store.measures import Measures
from harness.wiring.shop import agent, tools

OWN = ("(llama.cpp)", "(vllm)", "(sglang)", "(lmstudio)")
"""How the server of an OpenAI-compatible model is known to be an engine of one's own; any other may be a way to one that is paid for."""


class Measuring:
    """Looks at each model while it is open. `measured` and `new` by (model, agent): what is known of it, and who is asked here for the first time."""

    def __init__(self, settings: Settings, say: Say, *, wanted: bool) -> None:
        """`wanted`: False leaves every model in peace, and takes what is kept."""
        self._kept, self._say, self._wanted = Measures(settings.cache / "measures"), say, wanted
        self.measured: dict[tuple[str, str], Measured] = {}
        self.new: set[tuple[str, str]] = set()

    def look(self, model: Model, plan: Plan, entry: ModelEntry, task: TaskSpec) -> None:
        """Never raises for what a model or a disk does: the night does not depend on it."""
        facts = model.facts
        pairings = {doer.use: _pairing(entry.use, facts, doer.use) for doer in plan.agents if agent(doer, task).prompts}
        known = {name: _today(kept, facts) for name, pairing in pairings.items() if (kept := self._kept.find(pairing)) is not None}
        fresh = [name for name in pairings if name not in known]
        self.new |= {(entry.use, name) for name in fresh}
        if fresh and self._wanted:
            known |= self._found(model, plan, task, {name: pairings[name] for name in fresh})
        self.measured |= {(entry.use, name): each for name, each in known.items()}

    def _found(self, model: Model, plan: Plan, task: TaskSpec, fresh: dict[str, Pairing]) -> dict[str, Measured]:
        facts, today = model.facts, time.strftime("%Y-%m-%d")
        if why := unmeasured(facts):
            found = dict.fromkeys(fresh, Measured(missing=(("all", why),)))
        else:
            self._say(f"measuring {facts.kind}/{facts.name}: {BUDGET_S / 60:.0f} minutes at most, once")
            doers = {doer.use: agent(doer, task) for doer in plan.agents if doer.use in fresh}
            offered = {name: tuple(tool.spec for tool in tools(doer, task, plan).values()) for name, doer in doers.items()}
            found = measure(model, offered, time.monotonic)
        found = {name: msgspec.structs.replace(each, when=today) for name, each in found.items()}
        for name, each in found.items():
            if each.paced or (why and facts.kind not in PLAYED):
                self._keep(fresh[name], each)
        return found

    def _keep(self, pairing: Pairing, measured: Measured) -> None:
        """Of one that could not find out how fast the model is nothing is kept; of one that is never measured, that it was told about."""
        try:
            self._kept.keep(pairing, measured)
        except StoreError as fault:
            self._say(f"note: {pairing.model} is measured anew next time: {fault}")


def _today(kept: Measured, facts: ModelFacts) -> Measured:
    """With the reason why it is not measured as it is told today: what was kept may be an earlier version's word."""
    why = "" if kept.paced else unmeasured(facts)
    return msgspec.structs.replace(kept, missing=(("all", why),)) if why else kept


def _pairing(use: str, facts: ModelFacts, doer: str) -> Pairing:
    return Pairing(use, facts.digest, facts.server, facts.server_version, facts.window.granted, facts.thinking, doer)


def unmeasured(facts: ModelFacts) -> str:
    """Why a model is not measured, "" for one that is: nothing is spent and nothing sent away that nobody asked for. Pure."""
    if facts.kind in PLAYED:
        return "a script: there is nothing to measure"
    if facts.remote:
        return "served elsewhere, so never measured"
    if facts.price is not None:
        return "it costs money, so it is never measured"
    if facts.kind == "ollama" or (facts.kind == "openai" and facts.server.endswith(OWN)):
        return ""
    return "its server is not known to be one's own, so it is never measured"
