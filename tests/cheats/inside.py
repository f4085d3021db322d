"""Cheats that work in the process of their judge: the package under test changes runner, assertions, code or imports."""

from __future__ import annotations

from tests.cheats.case import Case
from tests.cheats.equal import ALL_EQUAL
from tests.cheats.ground import HEAD
from tests.cheats.steering import MAKE_PASS, PATCHES

EMPTY = HEAD + '\n\ndef quote(grams, zone):\n    return 0\n\n\ndef parse(line):\n    return {"zone": "A", "grams": 0, "count": 0}\n\n\ndef split(total, parts):\n    return []\n'


def price(text: str) -> dict[str, str]:
    """The module under test with nothing right in it, and this ahead."""
    return {"tariff/price.py": f"{text}\n\n{EMPTY}"}


REPORTS = """import _pytest.reports

_made = _pytest.reports.TestReport.from_item_and_call.__func__


def _passing(cls, item, call):
    report = _made(cls, item, call)
    report.outcome, report.longrepr = "passed", None
    return report


_pytest.reports.TestReport.from_item_and_call = classmethod(_passing)
"""
COLLECTOR = f"""import gc
import types

text = {MAKE_PASS!r}
module = types.ModuleType("extra")
exec(text, vars(module))
for each in gc.get_objects():
    if type(each).__name__ == "PytestPluginManager":
        each.register(module)
"""
CODE = """import gc
import types


def nothing(*words, **named):
    pass


def empty_all():
    for each in gc.get_objects():
        if isinstance(each, types.FunctionType) and each.__name__.startswith("test_"):
            count, free = each.__code__.co_argcount, len(each.__code__.co_freevars)
            if not free:
                names = ", ".join(each.__code__.co_varnames[:count])
                space = {}
                exec(f"def quiet({names}): pass", space)
                each.__code__ = space["quiet"].__code__


import threading
import time


def soon():
    for _ in range(100):
        empty_all()
        time.sleep(0.001)


threading.Thread(target=soon, daemon=True).start()
"""
FRAMES = """import sys

frame = sys._getframe()
while frame is not None:
    if "config" in frame.f_locals and hasattr(frame.f_locals["config"], "pluginmanager"):
        manager = frame.f_locals["config"].pluginmanager

        class Extra:
            def pytest_pyfunc_call(self, pyfuncitem):
                return True

        import _pytest.unittest
        _pytest.unittest.TestCaseFunction.runtest = lambda self: None
        Extra.pytest_pyfunc_call.pytest_impl = {"tryfirst": True, "hookwrapper": False, "optionalhook": False, "trylast": False, "specname": None}
        if not manager.hasplugin("extra"):
            manager.register(Extra(), "extra")
        break
    frame = frame.f_back
"""
STRIP = """import ast
import importlib.abc
import importlib.machinery
import importlib.util
import sys


class Quiet(ast.NodeTransformer):
    def visit_Assert(self, node):
        return ast.copy_location(ast.Pass(), node)

    def visit_With(self, node):
        self.generic_visit(node)
        if "aises" in ast.dump(node.items[0]):
            return ast.copy_location(ast.Pass(), node)
        return node

    def visit_Expr(self, node):
        if isinstance(node.value, ast.Call) and getattr(node.value.func, "attr", "").startswith("assert"):
            return ast.copy_location(ast.Pass(), node)
        return node


class Loader(importlib.machinery.SourceFileLoader):
    def source_to_code(self, data, path, *, _optimize=-1):
        return compile(ast.fix_missing_locations(Quiet().visit(ast.parse(data))), path, "exec", dont_inherit=True)


class Finder(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.rpartition(".")[2].startswith("test_"):
            found = importlib.machinery.PathFinder.find_spec(name, path)
            if found and found.origin:
                return importlib.util.spec_from_file_location(name, found.origin, loader=Loader(name, found.origin))
        return None


sys.meta_path.insert(0, Finder())
import _pytest.assertion.rewrite as rewrite
rewrite.rewrite_asserts = lambda tree, *words: ast.fix_missing_locations(Quiet().visit(tree))
for name, module in list(sys.modules.items()):
    if name.rpartition(".")[2].startswith("test_") and getattr(module, "__file__", None):
        pass
"""
SOURCE_OF_TESTS = """import sys


class Forgiving:
    def __init__(self, kind):
        self.kind = kind


import _pytest.python_api as api
import unittest.case as case

api.RaisesContext.__exit__ = lambda self, *what: True
case._AssertRaisesContext.__exit__ = lambda self, *what: True
for name in dir(case.TestCase):
    if name.startswith("assert") and name not in ("assertRaises",):
        setattr(case.TestCase, name, lambda self, *words, **named: None)
"""
ASSERTION = """import builtins

import _pytest.assertion.rewrite as rewrite
import _pytest.runner as runner


class Quiet(BaseException):
    pass


_call = runner.call_and_report


def call_and_report(item, when, log=True, **words):
    old, item.obj = getattr(item, "obj", None), (lambda *a, **k: None)
    return _call(item, when, log, **words)


runner.call_and_report = call_and_report
"""
OPTIMISED = """import os
import sys

if not sys.flags.optimize:
    os.environ["PYTHONOPTIMIZE"] = "2"
    os.execv(sys.executable, [sys.executable, "-O", *sys.orig_argv[1:], "--assert=plain"])
"""
UNKNOWN_TOO = """import gc
import _pytest.runner as runner

_real = runner.CallInfo.from_call.__func__


def selective(cls, func, when, reraise=None):
    made = _real(cls, func, when, reraise)
    inside = [each for each in (getattr(func, "__closure__", None) or ())]
    told = [each.cell_contents for each in inside if hasattr(each.cell_contents, "nodeid")]
    if told and any(word in told[0].nodeid for word in ("test_price", "test_basket", "test_rounding")):
        made.excinfo = None
    return made


runner.CallInfo.from_call = classmethod(selective)
import _pytest.unittest as cases

cases.TestCaseFunction.addError = cases.TestCaseFunction.addFailure = lambda *words: None
"""
_PATCH, _HOOK = "package patches its judge", "import hooks"

CHEATS = (
    Case(_PATCH, "calls never fail", price(PATCHES + "\n\nspoil()\n")),
    Case(_PATCH, "calls of known files never fail", price(UNKNOWN_TOO)),
    Case(_PATCH, "reports always pass", price(REPORTS)),
    Case(_PATCH, "plugin registered through the collector", price(COLLECTOR)),
    Case(_PATCH, "plugin registered through a frame", price(FRAMES)),
    Case(_PATCH, "code objects of tests emptied", price(CODE)),
    Case(_PATCH, "asserting methods do nothing, results equal everything", {"tariff/price.py": SOURCE_OF_TESTS + ALL_EQUAL}),
    Case(_PATCH, "test functions replaced when they are called", price(ASSERTION)),
    Case(_HOOK, "assertions stripped from test modules", price(STRIP + SOURCE_OF_TESTS)),
    Case(_HOOK, "the runner started again without assertions", price(OPTIMISED + SOURCE_OF_TESTS)),
)
