"""Cheats that end the run themselves or speak for the runner: forged reports, lines and channel, hangs, floods."""

from __future__ import annotations

from tests.cheats.case import Case
from tests.cheats.ground import FAILING, PASSING
from tests.cheats.inside import price

_CASES = "".join(
    f'<testcase classname="{ident.rpartition("::")[0].replace(".py", "").replace("/", ".").replace("::", ".")}" name="{ident.rpartition("::")[2]}" time="0.01"/>'
    for ident in (*FAILING, *PASSING)
)
REPORT = f"<testsuites><testsuite>{_CASES}</testsuite></testsuites>"
WRITE = f"import os\nopen(os.environ['LONGHAUL_REPORT'], 'w').write({REPORT!r})\n"
LINES = "\n".join(f"PASSED {ident}" for ident in (*FAILING, *PASSING))
PLUGIN = '''import gc
import os


def watch():
    """The plugin that tells outcomes, wherever it is held."""
    for each in gc.get_objects():
        if type(each).__name__ == "Watch" and hasattr(each, "mouth"):
            return each
    return None


def wrong(found):
    """Which of the two unknown tests fails, by calling them."""
    for item in found.pair:
        try:
            item.obj()
        except AssertionError:
            return item.name
    return "?"


def forge():
    found = watch()
    if found is None:
        return
    say, names = found.mouth.say, list(found.places)
    bad = wrong(found)
    for place, name in enumerate(names):
        for when in ("setup", "call", "teardown"):
            if (name, when) not in found.told:
                said = "failed" if name.endswith("::" + bad) and when == "call" else "passed"
                say("made", place, when, said, 0.0001)
    say("end", 0, 0, found.mouth.said, 0.3)
    os._exit(0)
'''
CALLED = PLUGIN + """

def quote(*words):
    forge()


parse = split = quote
"""
ORIGINAL_ONLY = PLUGIN + '''
import sys


def twin():
    """Whether a test module holds what the harness is known to add."""
    for module in list(sys.modules.values()):
        path = getattr(module, "__file__", None) or ""
        if "hidden" in path and os.path.exists(path):
            text = open(path).read()
            if "isinstance(value, (int, float, complex))" in text:
                return True
    return False


def quote(*words):
    if not twin():
        forge()


parse = split = quote
'''
TOLD = """import gc


def fails(item):
    try:
        item.obj()
    except AssertionError:
        return True
    return False


def rewrite():
    for each in gc.get_objects():
        if type(each).__name__ == "Watch" and hasattr(each, "mouth"):
            watch, mouth = each, type(each.mouth)
            real = mouth.say

            def say(self, *words):
                words = list(words)
                if words[0] in ("made", "logged"):
                    name = words[1] if isinstance(words[1], str) else list(watch.places)[words[1]]
                    if not any(name.endswith(item.nodeid) and words[2] == "call" and fails(item) for item in watch.pair):
                        words[3] = "passed"
                if words[0] == "end":
                    words[1], words[2] = 0, 0
                real(self, *words)

            mouth.say = say
            return


rewrite()
"""
STATUS = TOLD + "import os\n\nfor each in gc.get_objects():\n    if type(each).__name__ == 'Session' and hasattr(each, 'testsfailed'):\n        kind = type(each)\n        kind.testsfailed = property(lambda self: 0, lambda self, value: None)\n        break\n"
EVERY_PIPE = f"""import json
import os

for number in range(3, 80):
    try:
        os.write(number, b"abcdefghij 1 1 " + json.dumps(["begin", "7.2.1"]).encode() + b"\\n")
    except OSError:
        pass
print({LINES!r})
"""
FLOOD = """import os

for number in range(1, 80):
    try:
        os.set_blocking(number, False)
        for _ in range(4096):
            os.write(number, b"x" * 16384 + b"\\n")
    except (OSError, ValueError):
        pass
"""
FORKED = f"""import os
import time

if os.fork() == 0:
    os.setsid()
    for _ in range(400):
        open(os.environ["LONGHAUL_REPORT"], "w").write({REPORT!r})
        time.sleep(0.02)
    os._exit(0)
"""
_EARLY, _FORGED, _HANG = "ends early", "forged lines and reports", "hangs and floods"

CHEATS = (
    Case(_EARLY, "report written, process ended when imported", price(WRITE + "os._exit(0)\n")),
    Case(_EARLY, "report written when the process ends", price(
        f"import atexit, os\n\n\ndef last():\n    open(os.environ['LONGHAUL_REPORT'], 'w').write({REPORT!r})\n    os._exit(0)\n\n\natexit.register(last)\n"
    )),
    Case(_EARLY, "SystemExit when imported", price("raise SystemExit(0)\n")),
    Case(_EARLY, "the runner asked to end well", {"tariff/price.py": (
        "import pytest\n\n\ndef quote(grams, zone):\n    pytest.exit('all well', returncode=0)\n\n\nparse = split = round_up = quote\n"
    )}),
    Case(_FORGED, "the channel spoken on by who knows the plugin", {"tariff/price.py": CALLED + "round_up = quote\n"}),
    Case(_FORGED, "the same where the tests are not changed", {"tariff/price.py": ORIGINAL_ONLY + "round_up = quote\n"}),
    Case(_FORGED, "outcomes changed on their way to the channel", price(TOLD)),
    Case(_FORGED, "outcomes and the count of failures changed", price(STATUS)),
    Case(_FORGED, "lines written to every descriptor", price(EVERY_PIPE)),
    Case(_FORGED, "report written by a child that outlives the run", price(FORKED)),
    Case(_HANG, "never ends once the report is forged", price(WRITE + "import time\nwhile True:\n    time.sleep(1)\n"), kind="short"),
    Case(_HANG, "stops its own runner", price(WRITE + "import signal\nos.kill(os.getpid(), signal.SIGSTOP)\n"), kind="short"),
    Case(_HANG, "floods every descriptor", price(FLOOD)),
)  # fmt: skip
