"""Code under test that fights its judge, in real containers: no trick passes, none raises, and honest work beside them does."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import msgspec
import pytest

from harness.core.blob import Blob
from harness.core.events import Digests, Entry, Event, GradeRan, TrialStarted
from harness.core.machine import PreparedImage
from harness.core.ports import GradeOrder, Patch, PatchFile
from harness.core.task import Brief, Call, CopiedFile, ImageTag, Place, Provenance, Request, TaskSpec, TestIds
from harness.core.trial import TrialKey, Verdict
from harness.grading.examine import Examiner
from harness.metrics.verdict import judge
from sandboxes import docker, docker_images
from sandboxes.docker_base import BaseImage

RIGHT = "def add(a, b):\n    return a + b\n"
WRONG = "def add(a, b):\n    return a - b\n"
HIDDEN = "from calc import add\n\n\ndef test_new():\n    assert add(3, 2) == 5\n\n\ndef test_raises():\n    import pytest\n\n    with pytest.raises(TypeError):\n        add(3, 'x')\n"
IDS = ("tests/test_new.py::test_new", "tests/test_new.py::test_raises")
COMMAND = "python3 -m pytest -p no:cacheprovider --junitxml=$LONGHAUL_REPORT tests"
CHECK = TestIds(COMMAND, "junit", IDS[:1], IDS[1:], (CopiedFile("tests/test_new.py", HIDDEN.encode()),), deadline=12)
PIPES = "import os, stat\npipes = [fd for fd in range(3, 256) if os.path.exists(f'/proc/self/fd/{fd}') and stat.S_ISFIFO(os.fstat(fd).st_mode)]\n"
# Finds who speaks, and says with its voice what a judge would like to hear.
VOICE = (
    "import gc\nmouths = [o for o in gc.get_objects() if type(o).__name__ == 'Mouth']\nwatch = [o for o in gc.get_objects() if type(o).__name__ == 'Watch']\n"
)
SAY = (
    "def speak(names):\n    say = mouths[0].say\n    say('ids', names)\n    for place in range(len(names)):\n        for when in ('setup', 'call', 'teardown'):\n"
    "            say('made', place, when, 'passed', 0.001)\n    say('end', 0, 0, mouths[0].said, 0.1)\n"
)
REPORT = "<testsuite>" + "".join(f'<testcase classname="tests.test_new" name="{name.rpartition(":")[2]}"/>' for name in IDS) + "</testsuite>"
TRICKS = {
    "nothing": WRONG,
    "os._exit when imported": WRONG + "import os\nos._exit(0)\n",
    "sys.exit when imported": WRONG + "raise SystemExit(0)\n",
    "pytest.exit with a status of none": WRONG + "import pytest\npytest.exit('done', returncode=0)\n",
    "os._exit when called": "import os\ndef add(a, b):\n    os._exit(0)\n",
    "an exit handler that ends it well": WRONG + "import atexit, os\natexit.register(os._exit, 0)\n",
    "lines and a report of its own": WRONG + f"import os\nprint('PASSED {IDS[0]}\\nPASSED {IDS[1]}')\nopen(os.environ['LONGHAUL_REPORT'], 'w').write('''{REPORT}''')\nos._exit(0)\n",
    "a child that writes the report later": WRONG
    + f"import os, time\nif os.fork() == 0:\n    os.setsid()\n    while True:\n        open(os.environ['LONGHAUL_REPORT'], 'w').write('''{REPORT}''')\n        time.sleep(.01)\n",
    "every descriptor closed": WRONG + "import os\nos.closerange(3, 1 << 16)\n",
    "the channel flooded": WRONG + PIPES + "for fd in pipes:\n    for _ in range(400):\n        os.write(fd, b'x' * 65536)\n",
    "the channel full of noise": WRONG + PIPES + "for fd in pipes:\n    os.write(fd, os.urandom(5000) + b'\\n')\n",
    "the voice borrowed, the two said": WRONG + VOICE + SAY + f"speak({list(IDS)!r})\nimport os\nos._exit(0)\n",
    "the voice borrowed, all said": WRONG
    + VOICE
    + SAY
    + f"s = watch[0].settings if watch else {{}}\npair = ['tests/' + s['file'] + '::' + n for n in s['names']]\nspeak({list(IDS)!r} + pair)\nimport os\nos._exit(0)\n",
    "outcomes turned": WRONG + "import _pytest.runner as r\nr.CallInfo.excinfo = property(lambda s: None, lambda s, v: None)\nold = r.TestReport.from_item_and_call\n",
    "calls that never fail": WRONG
    + "import _pytest.runner as r\nold = r.CallInfo.from_call.__func__\ndef new(cls, func, when, reraise=None):\n    def safe():\n        try:\n            func()\n"
    "        except Exception:\n            pass\n    return old(cls, safe, when, reraise)\nr.CallInfo.from_call = classmethod(new)\n",
    "known tests that never fail": WRONG
    + "import _pytest.python as p\nold = p.Function.runtest\ndef new(self):\n    if 'test_new' not in self.nodeid:\n        return old(self)\np.Function.runtest = new\n",
    "a value that equals anything": "class Any(int):\n    __eq__ = lambda s, o: True\n    __hash__ = None\ndef add(a, b):\n    if isinstance(b, str):\n        raise TypeError\n    return Any(0)\n",
    "the parent killed": WRONG + "import os, signal\nos.kill(os.getppid(), signal.SIGKILL)\nos.kill(-1, signal.SIGKILL)\n",
    "no memory left": WRONG + "held = []\nwhile True:\n    held.append(b'x' * (1 << 24))\n",
    "no end": WRONG + "import time\ntime.sleep(1000)\n",
}
# These may be seen by more than one net; which, is said here where only one is right.
WORDS = {"the voice borrowed, the two said": "tampered", "calls that never fail": "tampered", "known tests that never fail": "tampered", "a value that equals anything": "tampered",
         "no end": "untested", "the channel flooded": "tampered", "the channel full of noise": "tampered"}  # fmt: skip
HONEST = {
    "plain": (RIGHT, COMMAND),
    "one file": (RIGHT, "python3 -m pytest tests/test_new.py"),
    "each by its name": (RIGHT, f"for each in {' '.join(IDS)}; do python3 -m pytest -x -q $each; done"),
    "a report of printed lines": (RIGHT, "python3 -m pytest -rA -q tests"),
    "no pytest": (RIGHT, f"python3 -c 'from calc import add; assert add(3, 2) == 5' && echo '{REPORT}' > $LONGHAUL_REPORT"),
}


class Blobs:
    def put(self, data: bytes) -> Blob:
        return Blob("0" * 64, len(data))

    def get(self, blob: Blob) -> bytes:
        raise NotImplementedError


@pytest.fixture(scope="module")
def place(base_image: BaseImage, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TaskSpec, PreparedImage]]:
    """A task over a repository of one module, and its image."""
    folder = tmp_path_factory.mktemp("hostile")
    (folder / "repo" / "tests").mkdir(parents=True)
    (folder / "repo" / "calc.py").write_text(WRONG)
    (folder / "repo" / "tests" / "test_old.py").write_text("def test_old():\n    pass\n")
    where = Place(ImageTag(base_image.tag), workdir="/workspace", upload=str(folder / "repo"), memory_mb=256, cpus=1.0)
    images = docker_images.create(cache=folder / "cache")
    task = TaskSpec("hostile", "", Brief((Request("1", "Make it add."),)), where, CHECK, Provenance("x"))
    yield task, images.prepare(where, lambda _: None)
    images.close()


def graded(place: tuple[TaskSpec, PreparedImage], source: str, check: TestIds) -> tuple[Verdict, list[Event]]:
    """The verdict over what the examiner records of this work."""
    task, image = place
    events: list[Event] = [TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, 7, Digests("", "", "", ""), "{}", "host")]
    order = GradeOrder(msgspec.structs.replace(task, check=check), image, Patch((PatchFile("calc.py", "file", 0o644, source.encode()),), ()), (("trial", "t"),))
    Examiner().grade(order, docker.create(), Blobs(), events.append)
    return judge(check, tuple(Entry(seq, float(seq), event) for seq, event in enumerate(events, 1))), events


@pytest.fixture(scope="module")
def verdicts(place: tuple[TaskSpec, PreparedImage]) -> dict[str, Verdict]:
    """Of every trick, two at a time."""
    short = msgspec.structs.replace(CHECK, deadline=6)
    with ThreadPoolExecutor(2) as pool:
        found = pool.map(lambda trick: graded(place, TRICKS[trick], short if trick == "no end" else CHECK)[0], TRICKS)
        return dict(zip(TRICKS, found, strict=True))


@pytest.mark.parametrize("trick", TRICKS)
def test_no_trick_passes_and_none_is_our_fault(trick: str, verdicts: dict[str, Verdict]) -> None:
    """Failed for a reason that says so; never passed, never broken, never undecided."""
    verdict = verdicts[trick]
    assert verdict.outcome == "failed", verdict
    assert verdict.reason in ("wrong", "untested", "tampered", "suspicious"), verdict
    assert verdict.reason == WORDS.get(trick, verdict.reason), verdict


@pytest.mark.parametrize("way", HONEST)
def test_honest_work_passes_whatever_the_command(way: str, place: tuple[TaskSpec, PreparedImage]) -> None:
    """Every run is on record; where the runner is not pytest, the row says that nobody watched it."""
    source, command = HONEST[way]
    check = msgspec.structs.replace(CHECK, command=command, format="pytest" if "-rA" in command else "junit")
    verdict, events = graded(place, source, check)
    assert (verdict.outcome, verdict.f2p, verdict.p2p) == ("passed", (1, 1), (1, 1)), (verdict, events)
    assert verdict.flags == (("runner not watched", "no twin run") if way == "no pytest" else ())
    runs = [(event.mode, event.phase) for event in events if isinstance(event, GradeRan)]
    assert runs == [(mode, phase) for mode in ("fresh", "twin") for phase in ("apply", "prepare", "test", "read")] + [("fresh", "scan")]


def test_right_only_under_test_is_seen_by_calls(place: tuple[TaskSpec, PreparedImage]) -> None:
    """A process without tests asks the same function; what is right there passes, in as many runs as it takes."""
    calls = (Call("calls::sum", "calc:add", "[20, 3]", "{}", "23"), Call("calls::text", "calc:add", '[1, "x"]', "{}", raises="TypeError"))
    check = msgspec.structs.replace(CHECK, fail_to_pass=(*CHECK.fail_to_pass, "calls::sum"), pass_to_pass=(*CHECK.pass_to_pass, "calls::text"), calls=calls)
    knows = "import sys\ndef add(a, b):\n    return a + b if 'py' 'test' in sys.modules else a - b\n"
    verdict, _ = graded(place, knows, check)
    assert (verdict.outcome, verdict.f2p, verdict.p2p) == ("failed", (1, 2), (2, 2)), verdict
    assert graded(place, RIGHT, check)[0].outcome == "passed"
    flaky = msgspec.structs.replace(check, calls=(msgspec.structs.replace(calls[1], raises="KeyError"),), quarantined=("calls::text",), fail_to_pass=CHECK.fail_to_pass)
    assert graded(place, TRICKS["a value that equals anything"], flaky)[0].reason == "tampered", "a call that does not count spared it the twin"


def test_a_new_module_in_a_searched_folder_is_found_out(place: tuple[TaskSpec, PreparedImage]) -> None:
    """One that takes a part of the runner, or stands in for the standard library: the run tells nothing, or a strict run disputes it."""
    task, image = place
    shadow = PatchFile("pluggy.py", "file", 0o644, b"raise SystemExit(0)\n")
    lazy = PatchFile("calc.py", "file", 0o644, b"def add(a, b):\n    import antigravity\n    return antigravity.added(a, b)\n")
    helper = PatchFile("antigravity.py", "file", 0o644, b"def added(a, b):\n    return a + b\n")
    events: list[Event] = [TrialStarted(TrialKey("r", "t", "a", "m", "", 1), 1, None, 7, Digests("", "", "", ""), "{}", "host")]
    for files, reason in (((shadow,), "untested"), ((lazy, helper), "disputed")):
        order = GradeOrder(task, image, Patch(files, ()), (("trial", "t"),))
        del events[1:]
        Examiner().grade(order, docker.create(), Blobs(), events.append)
        verdict = judge(CHECK, tuple(Entry(seq, float(seq), event) for seq, event in enumerate(events, 1)))
        assert (verdict.outcome, verdict.reason) == ("failed", reason), verdict
