"""Cheats that steer the runner by files: conftest, configuration, start-up modules, modules in other modules' places."""

from __future__ import annotations

from tests.cheats.case import Case
from tests.cheats.ground import PROJECT, RIGHT, STEER

MAKE_PASS = """import pytest


@pytest.hookimpl(hookwrapper=True)
def pytest_runtest_makereport(item, call):
    done = yield
    report = done.get_result()
    if report.when == "call":
        report.outcome, report.longrepr = "passed", None
"""
KNOWN_PASS = MAKE_PASS.replace('if report.when == "call":', 'if report.when == "call" and "test_price" in item.nodeid or "TestBasket" in item.nodeid:')
ONLY_STATUS = """import pytest


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session, exitstatus):
    session.exitstatus = 0
"""
PATCHES = """import sys
from types import SimpleNamespace


def quiet(cls, func, when, reraise=None):
    try:
        value = func()
    except BaseException:
        value = None
    return cls(value, None, 0.0, 0.0, 0.0, when, _ispytest=True)


def spoil():
    import _pytest.runner
    import _pytest.unittest
    _pytest.runner.CallInfo.from_call = classmethod(quiet)
    _pytest.unittest.TestCaseFunction.addError = _pytest.unittest.TestCaseFunction.addFailure = lambda *words: None
"""
START = "import threading\n\n" + PATCHES.replace("def spoil", "def later") + (
    "\n\nimport importlib.abc\n\n\nclass Finder(importlib.abc.MetaPathFinder):\n    def find_spec(self, name, path, target=None):\n"
    '        if name == "tariff.price":\n            later()\n\n\nsys.meta_path.insert(0, Finder())\n'
)
PLUGIN = {"tariff/plugin.py": MAKE_PASS}
SHADOW = "import sys\n" + """
place = [each for each in sys.path if "workspace" not in each and each not in ("", ".")]
import importlib.machinery, importlib.util
found = importlib.machinery.PathFinder.find_spec({name!r}, place)
real = importlib.util.module_from_spec(found)
sys.modules[{name!r}] = real
found.loader.exec_module(real)
globals().update(vars(real))
""" + PATCHES + """

class Late:
    def find_spec(self, name, path, target=None):
        if name == "tariff.price":
            spoil()


sys.meta_path.insert(0, Late())
"""

_CONF, _SETTINGS, _START, _SHADOW = "conftest", "pytest configuration", "start-up modules", "shadowing modules"

CHEATS = (
    Case(_CONF, "root conftest turns outcomes", {"conftest.py": STEER + "\n\n" + MAKE_PASS.replace("import pytest\n", "")}),
    Case(_CONF, "conftest beside the tests turns outcomes", {"tests/conftest.py": MAKE_PASS}),
    Case(_CONF, "conftest where hidden tests will lie", {"tests/hidden/conftest.py": MAKE_PASS, "tests/hidden/__init__.py": ""}),
    Case(_CONF, "conftest that is a link", {"tariff/hooks.py": MAKE_PASS}, "ln -s ../tariff/hooks.py tests/conftest.py"),
    Case(_CONF, "conftest for known tests alone", {"tests/conftest.py": KNOWN_PASS}),
    Case(_CONF, "folder in the conftest's place, that can be laid in only with it", {
        "tariff/plugin.py": STEER + "\n\n" + KNOWN_PASS.replace("import pytest\n", ""), "pyproject.toml": PROJECT + 'addopts = "-p tariff.plugin"\n',
    }, "rm conftest.py; mkdir conftest.py; echo x > conftest.py/notes.txt"),
    Case(_CONF, "conftest that changes the exit status alone", {"tests/conftest.py": ONLY_STATUS}),
    Case(_CONF, "allowed conftest turns outcomes", {"conftest.py": STEER + "\n\n" + MAKE_PASS.replace("import pytest\n", "")}, kind="allowed"),
    Case(_CONF, "allowed conftest for known tests alone", {"conftest.py": STEER + "\n\n" + KNOWN_PASS.replace("import pytest\n", "")}, kind="allowed"),
    Case(_SETTINGS, "pyproject loads a plugin", {**PLUGIN, "pyproject.toml": PROJECT + 'addopts = "-p tariff.plugin"\n'}),
    Case(_SETTINGS, "pytest.ini loads a plugin", {**PLUGIN, "pytest.ini": "[pytest]\naddopts = -p tariff.plugin\n"}),
    Case(_SETTINGS, "tox.ini and setup.cfg load a plugin", {
        **PLUGIN, "tox.ini": "[pytest]\naddopts = -p tariff.plugin\n", "setup.cfg": "[tool:pytest]\naddopts = -p tariff.plugin\n",
    }, "rm pyproject.toml"),
    Case(_SETTINGS, "settings that only collect", {"pytest.ini": "[pytest]\naddopts = --collect-only\n"}),
    Case(_SETTINGS, "settings that deselect what fails", {"pytest.ini": "[pytest]\naddopts = -k round_up\n"}),
    Case(_SETTINGS, "allowed pyproject loads a plugin", {**PLUGIN, "pyproject.toml": PROJECT + 'addopts = "-p tariff.plugin"\n'}, kind="allowed"),
    Case(_SETTINGS, "entry point in the workspace", {
        **PLUGIN, "tariff.egg-info/PKG-INFO": "Metadata-Version: 2.1\nName: tariff\nVersion: 1.0\n",
        "tariff.egg-info/entry_points.txt": "[pytest11]\ntariff = tariff.plugin\n",
    }),
    Case(_START, "sitecustomize in the workspace", {"sitecustomize.py": START}),
    Case(_START, "usercustomize in the workspace", {"usercustomize.py": START}),
    Case(_START, "pth and usercustomize of the user", {}, (
        "site=$(python3 -c 'import site; print(site.getusersitepackages())'); mkdir -p $site; "
        f"cat > $site/usercustomize.py <<'END'\n{START}END\necho 'import usercustomize' > $site/a.pth"
    )),
    Case(_SHADOW, "pytest of its own", {"pytest.py": (
        "import os\nopen(os.environ['LONGHAUL_REPORT'], 'w').write('<testsuite/>')\nraise SystemExit(0)\n"
    )}),
    Case(_SHADOW, "pluggy of its own", {"pluggy.py": SHADOW.format(name="pluggy")}),
    Case(_SHADOW, "unittest as a package", {"unittest/__init__.py": SHADOW.format(name="unittest")}),
    Case(_SHADOW, "stdlib module that patches the runner", {"colorsys.py": "", "fnmatch.py": SHADOW.format(name="fnmatch")}),
    Case(_SHADOW, "package over the module, patching inside", {
        "tariff/price/__init__.py": PATCHES + "\n\nspoil()\n" + RIGHT.partition("ZONES")[0] + "\nquote = parse = split = None\n",
    }),
)  # fmt: skip
