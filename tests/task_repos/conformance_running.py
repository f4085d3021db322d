"""The cases of the Harbor format that are decided by running a task: oracle or idle in real containers, graded as the format says."""

from __future__ import annotations

from collections.abc import Callable

from harness.cli.preparing.prelude import prepared
from harness.core.events import GradeRan, ToolReturned
from harness.core.lived import StepEnded
from harness.metrics.tries import of
from harness.plan import AgentEntry, Plan
from harness.settings import read as settings
from tests.task_repos.conformance_reading import Case
from tests.task_repos.harbor_folders import Files, write
from tests.task_repos.harbor_trials import BASE, HEAD, TASK, Ground, Ran, refusal

REWARD = "/logs/verifier/reward.txt"
STEPS = HEAD + '[[steps]]\nname = "one"\n[[steps]]\nname = "two"\n'
"""Two steps over the plain task, each with the plain solution."""
STEPPED: Files = {"task.toml": STEPS, "instruction.md": None, "steps/one/instruction.md": "First.", "steps/two/instruction.md": "Then."}


def run(
    number: str, what: str, expected: str, files: Files, look: Callable[[Ran], object], *, agent: str = "oracle", alone: bool = True, ways: str = "conversation"
) -> Case:
    """A task that is the plain one but for `files`."""
    return Case(number, what, expected, lambda ground: str(look(ground.run(files, agent, alone=alone, ways=ways))))


def told(ran: Ran) -> str:
    return ran.told


def also(words: str) -> Callable[[Ran], object]:
    """The verdict, and whether the record's details hold these words."""
    return lambda ran: f"{ran.told}, {words}" if words in ran.details or words in str(ran.verdict.evidence) else f"{ran.told}, {ran.details}, {ran.verdict.evidence}"


def test(script: str) -> Files:
    return {"tests/test.sh": f"{script}\n"}


def solved(solution: str, script: str, toml: str = "") -> Files:
    return {"solution/solve.sh": f"{solution}\n", "tests/test.sh": f"{script}\n", "task.toml": HEAD + toml}


def stepped(toml: str = "", **files: str) -> Files:
    return STEPPED | {"task.toml": toml or STEPS} | {name.replace("__", "/").replace("_", "."): text for name, text in files.items()}


def sh(condition: str) -> str:
    """A script that writes 1 where the condition holds, else 0."""
    return f"if {condition}; then echo 1; else echo 0; fi > {REWARD}"


def without_solution(ground: Ground) -> str:
    folder = write(ground.folder / "unsolved", {**TASK, "solution/solve.sh": None})
    plan = Plan((f"harbor:{folder}",), agents=(AgentEntry("oracle"),))
    said = refusal(lambda: prepared(plan, settings(), lambda _text: None, demo=False))
    return "refused: oracle, but no solution" if "oracle, but no solution" in said else said


def figures(ran: Ran) -> str:
    """Ours, and Harbor's where it differs."""
    return ", ".join((ran.told, *ran.verdict.flags[1:]))


def asked(ran: Ran) -> str:
    return f"{ran.asked}; {figures(ran)}"


FORGER = f"nohup sh -c 'while :; do echo 1 > {REWARD}; sleep 0.02; done' > /dev/null 2>&1 &"
SEPARATE = '[verifier]\nenvironment_mode = "separate"\n'
HEALTH = "[environment.healthcheck]\ninterval_sec = 0.1\nstart_interval_sec = 0.1\n"
TWICE = "command = 'test -e /tmp/once || { touch /tmp/once; false; }'\n"

RUNNING: tuple[Case, ...] = (
    run("12", "no network is none at all", "passed 1", test(sh('[ "$(ls /sys/class/net)" = lo ]')), told),
    run("18", "a Dockerfile alone: built, and its WORKDIR is where all happens", "passed 1",
        {"task.toml": "[environment]\nnetwork_mode = 'no-network'\n", "environment/Dockerfile": f"FROM {BASE}\nWORKDIR /srv/app\n",
         "tests/test.sh": sh('[ "$PWD" = /srv/app ]')}, told),
    run("19", "an image by name gets what lies in environment/", "passed 1", {"environment/data.txt": "x", "tests/test.sh": sh("[ -e data.txt ]")}, told),
    run("22", "a build that fails", "invalid cannot_run",
        {"task.toml": "", "environment/Dockerfile": f"FROM {BASE}\nRUN exit 7\n"}, told, agent="idle"),
    run("23", "a workdir that the image has not", "invalid cannot_run, no folder /nope",
        {"task.toml": "[environment]\nworkdir = '/nope'\n", "environment/Dockerfile": f"FROM {BASE}\nWORKDIR /srv/app\n"}, also("no folder /nope"),
        agent="idle"),
    run("28", "a solution that exits 9, a test that writes 0", "failed 0, exit 9", solved("exit 9", f"echo 0 > {REWARD}"),
        lambda ran: f"{ran.told}, exit {of(ran.trace, ToolReturned)[0].exit_code}"),
    Case("29", "the oracle without a solve.sh", "refused: oracle, but no solution", without_solution),
    run("30", "nothing done, and the tests pass", "passed 1", {}, told, agent="idle"),
    run("31", "a reward written by the solution, none by the test", "failed untested", solved(f"touch work; echo 1 > {REWARD}", "true"), told, alone=False),
    run("32", "a test that exits 7 after writing 1", "passed 1", test(f"echo 1 > {REWARD}; exit 7"), told),
    run("34", "a reward file of two keys", "passed 1, ((reward, 1.0), (style, 0.5))",
        test('echo \'{"reward": 1, "style": 0.5}\' > /logs/verifier/reward.json'),
        lambda ran: f"{ran.told}, {of(ran.trace, GradeRan)[-1].rewards}".replace("'", "")),
    run("35", "both reward files: the JSON counts", "failed 0", test(f'echo 1 > {REWARD}; echo \'{{"reward": 0}}\' > /logs/verifier/reward.json'), told),
    run("36", "an empty reward.json", "failed untested, reward.json is empty", test("echo '{}' > /logs/verifier/reward.json"),
        also("reward.json is empty")),
    run("38", "a script without an interpreter's line and without the x bit", "passed 1", {}, told),
    run("39", "a script with Windows line ends", "failed untested, Windows line ends",
        {"tests/test.sh": f"#!/bin/bash\r\necho 1 > {REWARD}\r\n"}, also("Windows line ends")),
    run("40", "a file planted in /tests, graded in a fresh machine", "passed 1",
        solved("echo x > /tests/planted", sh("[ ! -e /tests/planted ]")), told),
    run("40", "the same, graded in the agent's own", "passed 1", solved("echo x > /tests/planted", sh("[ ! -e /tests/planted ]")), told, alone=False),
    run("41", "a background writer of 1 while the test writes 0", "failed 0",
        solved(FORGER, f"echo 0 > {REWARD}; sleep 0.5"), told, alone=False),
    run("42", "the agent's time is over, and the work done so far passes", "passed 1, cut True, limited True",
        solved("touch here; sleep 60", sh("[ -e here ]"), "[agent]\ntimeout_sec = 1\n"), lambda ran: f"{ran.told}, cut {ran.cut}, limited {ran.limited}"),
    run("43", "no time at all: nothing is run, and it is graded", "passed 1, limited True",
        solved("touch here", sh("[ ! -e here ]"), "[agent]\ntimeout_sec = 0\n"), lambda ran: f"{ran.told}, limited {ran.limited}"),
    run("44", "a fraction of a second more", "passed 1, limited True",
        solved("touch here; sleep 60", sh("[ -e here ]"), "[agent]\ntimeout_sec = 1.3\n"), lambda ran: f"{ran.told}, limited {ran.limited}"),
    run("45", "the tests' time is over after a reward was written", "failed untested",
        {"task.toml": HEAD + "[verifier]\ntimeout_sec = 1\n", "tests/test.sh": f"echo 1 > {REWARD}\nsleep 60\n"}, told),
    run("46", "users by name and by number", "passed 1",
        solved("id -u > /logs/artifacts/who", sh('[ "$(cat /logs/artifacts/who) $(id -u)" = "65534 1234" ] && touch /logs/agent/x'),
               '[agent]\nuser = "nobody"\n[verifier]\nuser = 1234\n'), told),
    run("47", "a user the image does not know", "invalid cannot_run", {"task.toml": HEAD + '[agent]\nuser = "whoever"\n'}, told, agent="idle"),
    run("48", "a health check that holds at once", "passed 1", {"task.toml": f"{HEAD}{HEALTH}command = 'true'\n"}, told),
    run("48", "one that holds at the second time", "passed 1", {"task.toml": f"{HEAD}{HEALTH}{TWICE}retries = 2\n"}, told),
    run("48", "one that fails twice, twice allowed", "invalid cannot_run, asked: ", {"task.toml": f"{HEAD}{HEALTH}command = 'false'\nretries = 2\n"},
        lambda ran: f"{ran.told}, asked: {ran.asked}"),
    run("48", "one that hangs", "invalid cannot_run, asked: ", {"task.toml": f"{HEAD}{HEALTH}command = 'sleep 9'\ntimeout_sec = 1\n"},
        lambda ran: f"{ran.told}, asked: {ran.asked}"),
    run("49", "a separate verifier without an image: artifacts alone are there", "passed 1",
        solved("touch left; mkdir /tmp/a; echo a > /tmp/a/f; ln -s /etc/passwd /tmp/a/out; echo l > /logs/artifacts/l",
               sh("[ ! -e left ] && [ -e /tmp/a/f ] && [ ! -L /tmp/a/out ] && [ -e /logs/artifacts/l ]"),
               SEPARATE) | {"task.toml": f'artifacts = ["/tmp/a"]\n{HEAD}{SEPARATE}'}, told),
    run("50", "a separate verifier with tests/Dockerfile: that image, nothing uploaded", "passed 1, uploaded False",
        {"task.toml": f"{HEAD}[verifier.environment]\nnetwork_mode = 'no-network'\n", "tests/test.sh": sh("[ -e /marker ]"),
         "tests/Dockerfile": f"FROM {BASE}\nCOPY . /tests/\nRUN touch /marker\n"},
        lambda ran: f"{ran.told}, uploaded {ran.task.check.upload}"),  # type: ignore[union-attr]
    run("51b", "collect hooks: one makes an artifact, one fails", "passed 1, warning: exit 3 failed",
        {"task.toml": f'artifacts = ["/tmp/p.diff"]\n{HEAD}{SEPARATE}[[verifier.collect]]\ncommand = "cat made > /tmp/p.diff"\n'
                      '[[verifier.collect]]\ncommand = "exit 3"\n',
         "solution/solve.sh": "echo work > made", "tests/test.sh": sh('[ "$(cat /tmp/p.diff)" = work ]')}, also("warning: exit 3 failed")),
    run("53", "two steps, 1 and 0.5, mean", "failed 0.75", stepped(steps__two__tests__test_sh=f"echo 0.5 > {REWARD}"), figures),
    run("53", "the same, final", "failed 0.5", stepped('multi_step_reward_strategy = "final"\n' + STEPS, steps__two__tests__test_sh=f"echo 0.5 > {REWARD}"), figures),
    run("54", "a first step below its least reward: 0 for the second", "one; failed 0.25, Harbor's own figure: 0.5",
        stepped(STEPS.replace('"one"\n', '"one"\nmin_reward = 0.8\n'), steps__one__tests__test_sh=f"echo 0.5 > {REWARD}"), asked),
    run("55", "different keys in different steps", "failed 0.75, Harbor's own figure: 0.375",
        stepped(steps__one__tests__test_sh="echo '{\"x\": 1}' > /logs/verifier/reward.json",
                steps__two__tests__test_sh="echo '{\"y\": 0.5}' > /logs/verifier/reward.json"), figures),
    run("56", "a step without a reward: stop, and no figure", "one; failed 0, Harbor's own figure: no reward",
        stepped(steps__one__tests__test_sh="true"), asked),
    run("57", "a set-up that exits 4", "one; failed 0.5, Harbor's own figure: 1", stepped(steps__two__workdir__setup_sh="exit 4"), asked),
    run("57", "a step's health check that fails", "one; failed 0.5, Harbor's own figure: 1",
        stepped(STEPS + "[steps.healthcheck]\ncommand = 'false'\nretries = 1\n"), asked),
    run("58", "a step's time is over: graded, and the next one is asked for", "one two; passed 1; time",
        stepped(STEPS.replace('"one"\n', '"one"\nagent.timeout_sec = 1\n'), steps__one__solution__solve_sh="sleep 60"),
        lambda ran: f"{asked(ran)}; {of(ran.trace, StepEnded)[0].stop}"),
    run("59", "shared helpers, a step's own tests, a set-up's file; nothing of the step before", "passed 1",
        stepped(tests__helper="x", steps__one__tests__only="y", steps__two__workdir__setup_sh="touch made",
                steps__two__tests__test_sh=sh("[ -e /tests/helper ] && [ ! -e /tests/only ] && [ -e made ] && [ -e setup.sh ]")), told),
    run("-", "each step a conversation of its own", "one two; passed 1; answered", stepped(),
        lambda ran: f"{asked(ran)}; {of(ran.trace, StepEnded)[0].stop}", ways="fresh"),
    run("-", "a step without its own solution has the task's; one with its own has that", "passed 1",
        stepped(steps__two__solution__solve_sh="touch own", steps__two__tests__test_sh=sh("[ -e own ]")), told),
    run("-", "steps graded in the agent's own machine: what lies elsewhere is there, what was planted is not", "passed 1",
        stepped(steps__one__solution__solve_sh="touch /tmp/one; echo x > /tests/planted",
                tests__test_sh=sh("[ -e /tmp/one ] && [ ! -e /tests/planted ]")), told, alone=False),
    run("-", "a step graded apart: its artifact alone is there", "passed 1",
        stepped(STEPS + 'artifacts = ["/tmp/made"]\n[steps.verifier]\nenvironment_mode = "separate"\n', steps__two__solution__solve_sh="touch left /tmp/made",
                steps__two__tests__test_sh=sh("[ -e /tmp/made ] && [ ! -e left ]")), told),
    run("-", "root", "passed 1", solved("id -u > who", sh('[ "$(cat who)$(id -u)" = 00 ]'), '[agent]\nuser = "root"\n'), told),
)  # fmt: skip
