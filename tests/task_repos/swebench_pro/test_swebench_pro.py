"""SWE-bench Pro folders: rows with Python literals, a script and a parser of their own, and an image whose history holds the answer."""

from __future__ import annotations

import csv
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path

import docker
import pytest

from harness.contracts.tasks import complaints
from harness.core.task import Official, TaskSpec
from task_repos import swebench_pro
from tests.end_to_end.tiny import last, longhaul

RUN = '#!/bin/bash\nIFS=, read -ra files <<< "$1"\npython3 -m pytest -rA -p no:cacheprovider "${files[@]}"\n'
PARSER = """import json, re, sys
text = open(sys.argv[1]).read()
found = re.findall(r"^(PASSED|FAILED|ERROR) (\\S+)", text, re.MULTILINE)
json.dump({"tests": [{"name": name, "status": status} for status, name in found]}, open(sys.argv[3], "w"))
"""
TESTS = "from calc import add, sub\n\n\ndef test_add():\n    assert add(3, 2) == 5\n\n\ndef test_sub():\n    assert sub(3, 2) == 1\n"
BASE = "def add(a, b):\n    return a - b\n\n\ndef sub(a, b):\n    return a - b\n"
FIXED = BASE.replace("a - b", "a + b", 1)
PATCH = "diff --git a/calc.py b/calc.py\n--- a/calc.py\n+++ b/calc.py\n@@ -1,2 +1,2 @@\n def add(a, b):\n-    return a - b\n+    return a + b\n"
IDENT = "instance_acme__calc-0001"
DOCKERFILE = """FROM longhaul/base:bookworm-1
WORKDIR /app
COPY base.py fixed.py tests.py /made/
RUN git init -q -b main . && git config user.name x && git config user.email x@example.invalid \\
 && cp /made/base.py calc.py && touch conftest.py && git add -A && git commit -q -m base \\
 && mkdir tests && cp /made/fixed.py calc.py && cp /made/tests.py tests/test_calc.py && git add -A && git commit -q -m 'The answer' \\
 && git tag answer && git rev-parse HEAD > /answer && git rev-parse HEAD~1 > /base && rm -r /made
ENTRYPOINT ["/bin/bash"]
"""


def row(**changes: str) -> dict[str, str]:
    return {
        "instance_id": IDENT, "repo": "acme/calc", "base_commit": "a" * 40, "patch": PATCH, "test_patch": "", "problem_statement": "add subtracts.",
        "requirements": "- `add` adds.", "interface": "No new interface.", "repo_language": "python", "fail_to_pass": "['tests/test_calc.py::test_add']",
        "pass_to_pass": '["tests/test_calc.py::test_sub"]', "before_repo_set_cmd": "git reset --hard {b}\ngit clean -fd\ngit checkout {b}\ngit checkout {f} -- tests/test_calc.py",
        "selected_test_files_to_run": "['tests/test_calc.py']", "dockerhub_tag": "x", **changes,
    }  # fmt: skip


def written(folder: Path, *rows: dict[str, str], form: str = "jsonl") -> Path:
    scripts = folder / "pro" / "run_scripts" / IDENT
    scripts.mkdir(parents=True, exist_ok=True)
    (scripts / "run_script.sh").write_text(RUN)
    (scripts / "parser.py").write_text(PARSER)
    if form == "csv":
        with (folder / "pro" / "rows.csv").open("w", newline="") as handle:
            table = csv.DictWriter(handle, list(rows[0]))
            table.writeheader()
            table.writerows(rows)
    else:
        (folder / "pro" / "rows.jsonl").write_text("".join(json.dumps(each) + "\n" for each in rows))
    return folder / "pro"


def read(folder: Path) -> tuple[tuple[TaskSpec, ...], tuple[str, ...]]:
    source = swebench_pro.create(path=str(folder))
    return tuple(source), tuple(map(str, source.faults))


@pytest.mark.parametrize("form", ["jsonl", "csv"])
def test_a_row_becomes_a_task(form: str, tmp_path: Path) -> None:
    """Lists are read as Python or JSON literals, the prompt has its three parts, the last line of the set-up is kept from the agent's image."""
    folder = written(tmp_path, row(), form=form)
    (task,), faults = read(folder)
    assert faults == ()
    assert task.brief.requests[0].text == "add subtracts.\n\n# Requirements\n\n- `add` adds.\n\n# Interface\n\nNo new interface.\n"
    assert isinstance(task.check, Official)
    assert (task.check.fail_to_pass, task.check.pass_to_pass) == (("tests/test_calc.py::test_add",), ("tests/test_calc.py::test_sub",))
    assert len(task.place.setup) == 3
    assert not any("tests/test_calc.py" in line for line in task.place.setup)
    assert (task.place.history, task.check.place and task.check.place.history) == ("cut", "kept")
    assert complaints(swebench_pro.create(path=str(folder))) == ()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"fail_to_pass": "__import__('os').getcwd()"}, "row 1: fail_to_pass"), ({"fail_to_pass": "[]"}, "fail_to_pass: found no test"),
        ({"instance_id": "../x"}, "instance_id: found '../x'"), ({"base_commit": "HEAD; rm"}, "base_commit"), ({"problem_statement": " "}, "problem_statement"),
        ({"patch": "not a patch"}, "patch"), ({"before_repo_set_cmd": "\n"}, "before_repo_set_cmd"), ({"pass_to_pass": "[1]"}, "pass_to_pass"),
    ],
)  # fmt: skip
def test_a_bad_row_is_one_sentence_and_hides_no_other(change: dict[str, str], words: str, tmp_path: Path) -> None:
    """File, row and field; nothing in a row is evaluated."""
    tasks, faults = read(written(tmp_path, row(**change), row(instance_id=IDENT)))
    assert len(tasks) == 1
    assert len(faults) == 1
    assert words in faults[0]


def test_missing_scripts_and_rows_are_named(tmp_path: Path) -> None:
    """A row without its scripts, a folder without rows, and two rows of one id."""
    folder = written(tmp_path, row(instance_id="instance_other"), row(), row())
    _, faults = read(folder)
    assert ["run_script.sh" in fault for fault in faults] == [True, False]
    assert "which" in faults[1]
    assert "rows: found none" in read(tmp_path)[1][0]


@pytest.fixture(scope="module")
def made(base_image: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder of one row over an image made here, whose repository holds the answer in a later commit."""
    folder = tmp_path_factory.mktemp("pro")
    for name, text in {"Dockerfile": DOCKERFILE, "base.py": BASE, "fixed.py": FIXED, "tests.py": TESTS}.items():
        (folder / name).write_text(text)
    client = docker.from_env()
    try:
        image, _ = client.images.build(path=str(folder), tag="longhaul-test/pro:x", rm=True)
        said = client.containers.run(image.id, entrypoint=["cat", "/base", "/answer"], remove=True).decode().split()
        base, answer = said
        lines = f"git reset --hard {base}\ngit clean -fd\ngit checkout {base}\ngit checkout {answer} -- tests/test_calc.py"
        yield written(folder, row(base_commit=base, before_repo_set_cmd=lines))
        client.images.remove("longhaul-test/pro:x", force=True)
    finally:
        client.close()


def graded(home: Path, folder: Path, *words: str) -> tuple[dict[str, str], subprocess.CompletedProcess[str]]:
    done = longhaul(home, "run", "-t", f"swebench-pro:{folder}", "-o", "source.image=longhaul-test/pro:x", "-n", "1", *words)
    assert "Traceback" not in done.stderr, done.stderr
    rows = json.loads(longhaul(home, "report", last(home).meta("run"), "--json").stdout)["rows"]
    return {each["agent"]: f"{each['outcome']} {each['reason']}" for each in rows}, done


@pytest.mark.docker
def test_the_gold_patch_is_resolved_and_nothing_is_not(made: Path, tmp_path: Path) -> None:
    """Upstream's script and parser judge: the oracle passes, idle fails."""
    told, done = graded(tmp_path, made, "-a", "oracle", "-a", "idle", "--parallel", "2")
    assert told == {"oracle": "passed solved", "idle": "failed empty"}, done.stdout


@pytest.mark.docker
def test_the_answer_is_not_in_the_agents_image(made: Path, tmp_path: Path) -> None:
    """The commit that upstream's own image holds can't be shown where the agent works, nor can its tag; the tests are not there either."""
    command = "git show answer; git log --all --oneline | wc -l; ls tests; for c in $(git cat-file --batch-all-objects --batch-check | grep -c commit); do echo commits $c; done"
    calls = (("shell", {"command": command, "seconds": 60}), ("finish", {"done": "1", "not_done": ""}))
    replies = [f"[[reply]]\n[[reply.call]]\nname = {json.dumps(name)}\nraw = {json.dumps(json.dumps(words))}\n" for name, words in calls]
    (tmp_path / "script.toml").write_text("format = 1\n" + "\n".join(replies))
    told, _ = graded(tmp_path, made, "-m", "scripted/demo", "-o", f"model.script={tmp_path / 'script.toml'}")
    assert told == {"coder": "failed empty"}
    shown = longhaul(tmp_path, "show", last(tmp_path).meta("run"), "t0001", "--raw").stdout
    assert "commits 1" in shown
    assert "return a + b" not in shown
