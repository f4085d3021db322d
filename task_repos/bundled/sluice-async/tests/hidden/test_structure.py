"""What the code looks like: coroutines where there should be, and nothing in them that should not be."""

from __future__ import annotations

import ast
import importlib
import inspect

import pytest
import source_tree

LAYERS = sorted({name.split(".")[1] for name in source_tree.BASE["waits"]})
FREE_CONSTRUCTORS = {"TcpLink.__init__", "Held.__init__"}
LOOP_CALLS = {
    "run", "Runner", "new_event_loop", "set_event_loop", "run_until_complete", "run_forever", "set_event_loop_policy", "SelectorEventLoop",
}  # fmt: skip
THREADS_AND_SOCKETS = {"threading", "_thread", "queue", "concurrent.futures", "socket", "socketserver", "select", "selectors", "multiprocessing"}
SERVICES = {
    "ReadingStore", "StateStore", "Spool", "ImageStore", "AuditTrail", "EventBus", "StationDesk", "HttpClient", "Poller", "Commander", "Rollout",
    "Upkeep", "Notifier", "AlarmWatcher", "CollectorClient", "Forwarder", "Scheduler", "ControlServer", "MetricsServer", "Pool", "Turns",
}  # fmt: skip
AWAITABLE = {
    "emit", "set_cursor", "save_command", "save_alarm", "save_plan", "save_step", "enqueue", "run_due", "send_frame",
    "receive_frame", "send_image", "activate_image", "refuse", "record", "catch_up", "tidy", "check_clocks", "compact", "prune", "upload",
}  # fmt: skip


def resolve(module: str, name: str) -> object:
    found: object = importlib.import_module(module)
    for part in name.split("."):
        found = inspect.getattr_static(found, part) if inspect.isclass(found) else getattr(found, part)
    return found


def parameters(function: object) -> list[str]:
    return [str(p.kind)[0] + p.name for p in inspect.signature(inspect.unwrap(function)).parameters.values()]  # type: ignore[arg-type]


@pytest.mark.parametrize("layer", LAYERS)
def test_listed_calls_are_coroutines(layer: str) -> None:
    """What docs/waits.md lists is a coroutine function, or else no plain generator, with the parameters of before."""
    wrong = []
    for module, names in source_tree.BASE["waits"].items():
        if module.split(".")[1] != layer:
            continue
        for name, mark, wanted in names:
            function = resolve(module, name)
            plain = inspect.unwrap(function)  # type: ignore[arg-type]
            is_right = not inspect.isgeneratorfunction(plain) if mark else inspect.iscoroutinefunction(plain)
            if not is_right or parameters(function) != wanted:
                wrong.append(f"{module}.{name}")
    assert wrong == []


def test_other_calls_stay_plain() -> None:
    """What is not listed is there, is no coroutine function, and has its parameters."""
    assert source_tree.is_migrated()
    wrong = []
    for module, names in source_tree.BASE["plain"].items():
        for name, wanted in names:
            try:
                function = resolve(module, name)
            except AttributeError:
                wrong.append(f"{module}.{name} is gone")
                continue
            if inspect.iscoroutinefunction(function) or inspect.isasyncgenfunction(function):
                wrong.append(f"{module}.{name} is a coroutine function")
            elif name not in FREE_CONSTRUCTORS and parameters(function) != wanted:
                wrong.append(f"{module}.{name} takes other parameters")
    assert wrong == []


def test_nothing_blocks_inside_coroutines() -> None:
    """No coroutine function touches a file, the database or a socket, or sleeps, itself or through a plain helper."""
    assert source_tree.is_migrated()
    found = {name: source_tree.blocking_calls(module) for name, module in source_tree.modules().items()}
    assert {name: calls for name, calls in found.items() if calls} == {}


def test_loops_have_one_owner() -> None:
    """Only sluice/runtime.py makes, runs or ends event loops."""
    assert source_tree.is_migrated()
    found = []
    for name, module in source_tree.modules(source_tree.RUNTIME).items():
        names = source_tree.imported(module)
        for node in ast.walk(module):
            if isinstance(node, ast.Attribute | ast.Name):
                full = source_tree.meaning(node, names)
                is_method = isinstance(node, ast.Attribute) and node.attr in ("run_until_complete", "run_forever")
                if is_method or (full.startswith("asyncio.") and full.rpartition(".")[2] in LOOP_CALLS):
                    found.append(f"{name}: {full}")
    assert found == []


def test_threads_and_sockets_are_left_to_the_runtime() -> None:
    """No module but the runtime imports modules for threads or sockets."""
    assert source_tree.is_migrated()
    found = {name: source_tree.imported_modules(module) & THREADS_AND_SOCKETS for name, module in source_tree.modules(source_tree.RUNTIME).items()}
    assert {name: sorted(names) for name, names in found.items() if names} == {}


def test_cancellations_are_not_swallowed() -> None:
    """R4: who catches a cancellation in a coroutine function raises at the end, and nobody suppresses one."""
    assert source_tree.is_migrated()
    found = {name: source_tree.swallowed_cancellations(module) for name, module in source_tree.modules().items()}
    assert {name: places for name, places in found.items() if places} == {}


def is_started(full: str) -> bool:
    """Whether a call makes a task that nothing but its result keeps; a group keeps its own."""
    owner, _, last = full.rpartition(".")
    return last == "ensure_future" or (last == "create_task" and (owner == "asyncio" or "loop" in owner or not owner))


def test_no_task_is_forgotten() -> None:
    """R5: no statement consists of a call that makes a task, or of one that makes a coroutine and does not await it."""
    assert source_tree.is_migrated()
    facades = ("sluice/gateway.py", "sluice/cli/commands.py", "sluice/cli/water.py", "sluice/cli/main.py")
    found = []
    for name, module in source_tree.modules(*facades).items():
        names = source_tree.imported(module)
        for node in ast.walk(module):
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                last = source_tree.dotted(node.value.func).rpartition(".")[2]
                full = source_tree.meaning(node.value.func, names)
                if last in AWAITABLE or is_started(full):
                    found.append(f"{name}, line {node.lineno}: {full}")
    assert found == []


def test_sleeping_is_left_to_the_clock() -> None:
    """asyncio.sleep and time.sleep are used by the clock and the runtime alone."""
    assert source_tree.is_migrated()
    found = []
    for name, module in source_tree.modules(source_tree.RUNTIME, "sluice/clock.py").items():
        names = source_tree.imported(module)
        meanings = {source_tree.meaning(node, names) for node in ast.walk(module) if isinstance(node, ast.Attribute | ast.Name)}
        found += [f"{name}: {full}" for full in sorted(meanings & {"asyncio.sleep", "time.sleep", "asyncio.tasks.sleep"})]
    assert found == []


def test_the_plain_gateway_holds_no_service() -> None:
    """sluice/gateway.py makes an AsyncGateway, and none of the parts that one consists of."""
    module = source_tree.tree("sluice/gateway.py")
    names = source_tree.imported(module)
    calls = [source_tree.meaning(node.func, names) for node in ast.walk(module) if isinstance(node, ast.Call)]
    made = {full.rpartition(".")[2] for full in calls}
    assert "AsyncGateway" in made
    assert sorted(made & SERVICES) == []


def test_the_checks_see_what_they_look_for() -> None:
    """The readers of source_tree, on sources of their own: they would be of little use if they saw nothing."""
    text = "import time\nasync def f(self):\n    g()\n    await to_thread(g)\ndef g():\n    time.sleep(1)\n"
    assert source_tree.blocking_calls(ast.parse(text)) == ["f: g -> time.sleep"]
    assert source_tree.blocking_calls(ast.parse("async def f(path):\n    await offload(path.read_text)\n")) == []
    text = "async def f():\n    try:\n        await g()\n    except BaseException:\n        pass\n"
    assert source_tree.swallowed_cancellations(ast.parse(text)) == ["f, line 4"]
    assert source_tree.swallowed_cancellations(ast.parse(text.replace("pass", "raise"))) == []
    assert source_tree.is_migrated()
