"""`longhaul run`: from a plan to a settled record; the table at the end is read from that record."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import typer
from rich.console import Console

from harness.cli.foresight.estimate import Foreseen, Wanted, foresee, wanted
from harness.cli.preparing.fitness import fit
from harness.cli.preparing.plans import Said, allowed, drawn, worded
from harness.cli.preparing.prelude import furnished
from harness.cli.preparing.proving import Hands
from harness.cli.resume import Voice
from harness.cli.running.continuation import begun, continued, facts, say_namesake
from harness.cli.running.evening import Evening
from harness.cli.running.founding import found, nameable
from harness.cli.running.occupying import occupying
from harness.cli.screen.live import styled
from harness.settings import read

EXAMPLES = """Examples:

  longhaul run -t bundled -m ollama/qwen3:8b -n 3

  longhaul run nightly.toml --run monday

  longhaul run nightly.toml --estimate

  longhaul run -t harbor:./my-task -m claude/claude-opus-4-7 --max-cost 5
"""


def run(
    plan: Path = typer.Argument(None, help="A plan file (TOML); without one the options below make the plan."),
    model: list[str] = typer.Option([], "-m", "--model", help="KIND/NAME; may be given more than once."),
    task: list[str] = typer.Option([], "-t", "--task", help="A source: bundled, harbor:DIR, swebench:FILE, each with an optional #glob."),
    agent: list[str] = typer.Option([], "-a", "--agent", help="coder, tool_loop, bash_only, oracle, idle, or a dotted module."),
    attempts: int = typer.Option(None, "-n", "--attempts", help="Attempts per task (3)."),
    seed: int = typer.Option(None, "--seed", help="The plan's seed; each attempt's sampling seed comes from it."),
    parallel: int = typer.Option(None, "--parallel", help="Trials at a time (1)."),
    option: list[str] = typer.Option([], "-o", "--option", help="ROOM.NAME=VALUE for model, agent, sandbox, limits."),
    name: str = typer.Option("", "--run", help="A name for this run."),
    or_resume: bool = typer.Option(False, "--or-resume", help="Go on with the run of this name where there is one; of a finished one, show the table."),
    wait: float = typer.Option(0.0, "--wait", metavar="SECONDS", help="Wait so long for another run on this store to end (inf: as long as it takes)."),
    max_cost: float = typer.Option(None, "--max-cost", help="USD that priced models may cost in this run (10)."),
    window: int = typer.Option(None, "--window", help="Tokens of context for every model."),
    as_users_run_it: bool = typer.Option(False, "--as-users-run-it", help="Each Ollama model in a second arm, too: with what its server does by default to what is too long."),
    allow_offload: bool = typer.Option(False, "--allow-offload", help="Accept a model that is partly on the CPU."),
    allow_remote: bool = typer.Option(False, "--allow-remote", help="Accept a model that is served elsewhere: code leaves the machine."),
    no_build: bool = typer.Option(False, "--no-build", help="Refuse to build a foreign task's Dockerfile."),
    allow_root: bool = typer.Option(False, "--allow-root", help="Accept tasks whose commands run as uid 0."),
    allow_shared: bool = typer.Option(False, "--allow-shared", help="Accept tasks that only the agent's own container can judge, where a reward can be forged."),
    as_: str = typer.Option("", "--as", help="harbor: a missing network_mode is public, root and the shared container are allowed."),
    official_clock: bool = typer.Option(False, "--official-clock", help="A task's wall clock bounds all of the agent's work, not its tools' time alone."),
    unvalidated: bool = typer.Option(False, "--unvalidated", help="Run tasks that nothing shows to be healthy; the report says so."),
    forkable: bool = typer.Option(False, "--forkable", help="Keep the machine as an image after turns that change it outside the workspace, for forks."),
    quiet: bool = typer.Option(False, "--quiet", help="Only the table at the end."),
    json_lines: bool = typer.Option(False, "--json-lines", help="A JSON object for each thing that happens, one a line."),
    estimate: bool = typer.Option(False, "--estimate", help="Only say what the night will take and what it can show; measures local models once."),
    hours: float = typer.Option(None, "--hours", help="Choose as many of the tasks and attempts as fit in so many hours, where the run ends."),
    as_json: bool = typer.Option(False, "--json", help="With --estimate: one JSON object, schema longhaul.estimate/1."),
    demo: bool = typer.Option(False, "--demo", help="Bundled tasks, one attempt, with the local model if there is one."),
) -> int:
    """Run an evaluation: tasks x agents x models x attempts, each trial in its own container.

    Without a plan or an option: the bundled tasks, one attempt each, with the local model there is or a scripted one.
    """
    console, foreseen = Console(stderr=as_json), wanted(alone=estimate, hours=hours, as_json=as_json)
    said = Said(
        plan, tuple(model), tuple(task), tuple(agent), attempts, seed, parallel, tuple(option), max_cost, window,
        allowed(
            no_build=no_build, as_=as_, offload=allow_offload, remote=allow_remote, root=allow_root, shared=allow_shared,
            official_clock=official_clock, unvalidated=unvalidated,
        ),
        forkable, hours, as_users_run_it,
    )  # fmt: skip
    voice = Voice(read(), console, styled(console, quiet=quiet, json_lines=json_lines))
    return _begun(said, voice, foreseen, (nameable(name), or_resume and not estimate, wait), demo=demo or said == Said())


def _begun(said: Said, voice: Voice, foreseen: Wanted, how: tuple[str, bool, float], *, demo: bool) -> int:
    """`how`: the run's name, whether one of that name is gone on with, and how long another run on this store is waited for."""
    (called, again, wait), asked = how, worded(said)
    with occupying(voice.settings, wait_s=wait, say=voice.say):
        if again and (path := begun(called, asked, voice.settings)) is not None:
            return continued(path, called, asked, voice)
        say_namesake("" if foreseen.alone else called, voice)
        return _passed(foresee(drawn(asked), voice, foreseen, demo=demo), voice, called, facts(asked))


def _passed(night: Foreseen | None, voice: Voice, called: str, kept: Mapping[str, str]) -> int:
    """Images, health, trials, table; the exit code. None: the estimate was all. `kept`: facts of the run beside those of its estimate."""
    if night is None:
        return 0
    settings, console, style = voice.settings, voice.console, voice.style
    ready = furnished(night.met, settings, voice.say)
    ready = fit(ready, Hands(ready.plan, settings, console, "lines" if style in ("live", "lines") else "quiet"))
    return Evening(ready, settings, console, style, found(ready, settings, called, facts={**kept, **night.facts})).pass_by()


run.__doc__ = f"{run.__doc__}\n\n{EXAMPLES}"
