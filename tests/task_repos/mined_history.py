"""A small repository with commits of all kinds, as people make them: what each is good for is said by its key."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

IDENTITY = {
    "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@b", "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@b",
    "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1",
}  # fmt: skip
PRICE = "def total(lines, vat=0):\n    net = sum(number * price for number, price in lines)\n    return round(net * (100 + vat) / 100, 2)\n"
START = {
    "shop/__init__.py": "",
    "shop/cart.py": f"from shop.names import clean\n\n\n{PRICE}\n\ndef title(text):\n    return clean(text).title()\n",
    "shop/names.py": "def clean(text):\n    return text.strip()\n",
    "shop/till.py": "from shop.cart import total\n\n\ndef receipt(lines):\n    return f'{total(lines):.2f} EUR'\n",
    "shop/stock.py": "LEFT = {}\n\n\ndef take(name, number=1):\n    LEFT[name] = LEFT.get(name, 0) - number\n    return LEFT[name]\n",
    "tests/test_shop.py": (
        "from shop.till import receipt\nfrom shop.stock import take\n\n\ndef test_receipt():\n    assert receipt([(2, 1.5)]) == '3.00 EUR'\n\n\n"
        "def test_take():\n    assert take('nut', 2) == -2\n"
    ),
    "README.md": "A shop.\n",
}  # fmt: skip


class Project:
    """The repository at `folder`; `ids` names its commits."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ids = folder, dict[str, str]()
        self.clock = 1_700_000_000
        folder.mkdir(parents=True)
        self.git("init", "-q", "-b", "main")

    def git(self, *words: str) -> str:
        date = {"GIT_AUTHOR_DATE": f"{self.clock} +0000", "GIT_COMMITTER_DATE": f"{self.clock} +0000"}
        done = subprocess.run(("git", *words), cwd=self.folder, env=os.environ | IDENTITY | date, check=True, capture_output=True, text=True)
        return done.stdout.strip()

    def write(self, **files: str | bytes | None) -> None:
        for name, data in files.items():
            path = self.folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            if data is None:
                path.unlink()
            else:
                path.write_bytes(data.encode() if isinstance(data, str) else data)

    def commit(self, key: str, message: str, **files: str | bytes | None) -> str:
        self.clock += 86_400
        self.write(**files)
        self.git("add", "-A", "-f")
        self.git("commit", "-q", "--allow-empty", "--no-verify", "-m", message)
        self.ids[key] = self.git("rev-parse", "HEAD")
        return self.ids[key]


def shop(folder: Path, **more: str) -> Project:
    """Eleven commits and two merges, oldest first. `more`: further files of the first one."""
    made = Project(folder)
    made.commit("first", "Begin", **START, **more)
    made.commit("prose", "Say what it is", **{"README.md": "A small shop.\n"})
    made.commit(
        "behaviour", "Prices with VAT (#12)\n\nreceipt() takes the rate as `vat`; see https://example.invalid/x\nReverts 0a1b2c3d4e\n\nFixes: #7\n"
        "Signed-off-by: A <a@b>\n", **vat(),
    )  # fmt: skip
    made.commit("tests", "Test more", **{"tests/test_more.py": "def test_nothing():\n    assert True\n"})
    made.commit("refactoring", "Move prices into a module of their own\n\nNothing else changes.\n", **moved())
    made.commit("small one", "Let stock be counted", **{"shop/stock.py": stock("count"), "shop/names.py": names(1)})
    made.commit("small two", "Count by name", **{"shop/stock.py": stock("count_of"), "shop/till.py": till("# the till\n"), "tests/test_stock.py": counted()})
    branch(made)
    idle(made)
    made.commit("binary", "Bring a picture", **{**touch("2"), "shop/logo.png": b"\0\1\2"})
    made.commit("nothing shown", "Rewrite comments", **touch("3"))
    return made


def vat() -> dict[str, str]:
    return {
        "shop/till.py": "from shop.cart import total\n\n\ndef receipt(lines, vat=0):\n    return f'{total(lines, vat):.2f} EUR'\n",
        "shop/names.py": names(0), "shop/stock.py": stock(""),
        "tests/test_vat.py": "from shop.till import receipt\n\n\ndef test_vat():\n    assert receipt([(1, 10)], vat=20) == '12.00 EUR'\n",
    }  # fmt: skip


def moved() -> dict[str, str]:
    return {
        "shop/cart.py": "from shop.names import clean\n\n\ndef title(text):\n    return clean(text).title()\n",
        "shop/price.py": PRICE, "shop/till.py": till(""),
    }  # fmt: skip


def till(remark: str) -> str:
    return f"{remark}from shop.price import total\n\n\ndef receipt(lines, vat=0):\n    return f'{{total(lines, vat):.2f}} EUR'\n"


def stock(more: str) -> str:
    text = START["shop/stock.py"] + "# kept in memory\n"
    return text + (f"\n\ndef {more}(name):\n    return LEFT.get(name, 0)\n" if more else "")


def names(number: int) -> str:
    return START["shop/names.py"] + f"# {number}\n"


def counted() -> str:
    return "from shop.stock import count_of\n\n\ndef test_count():\n    assert count_of('bolt') == 0\n"


def branch(made: Project) -> None:
    """A branch of one commit, and the merge that brings nothing else."""
    made.git("checkout", "-q", "-b", "side")
    made.commit("side", "Refuse empty names", **{**touch("1"), "tests/test_names.py": (
        "import pytest\nfrom shop.names import clean\n\n\ndef test_empty():\n    with pytest.raises(ValueError, match='a name is needed'):\n        clean(' ')\n"
    ), "shop/names.py": "def clean(text):\n    if not text.strip():\n        raise ValueError('a name is needed')\n    return text.strip()\n"})  # fmt: skip
    made.git("checkout", "-q", "main")
    made.clock += 86_400
    made.git("merge", "-q", "--no-ff", "-m", "Merge branch 'side'", "side")
    made.ids["merge"] = made.git("rev-parse", "HEAD")


def idle(made: Project) -> None:
    """A branch that is merged without taking anything of it."""
    made.git("checkout", "-q", "-b", "idle")
    made.commit("idle", "Try something", **{"shop/names.py": names(9)})
    made.git("checkout", "-q", "main")
    made.clock += 86_400
    made.git("merge", "-q", "--no-ff", "-s", "ours", "-m", "Merge branch 'idle'", "idle")
    made.ids["idle merge"] = made.git("rev-parse", "HEAD")


def touch(mark: str) -> dict[str, str]:
    return {name: (START[name] if name != "shop/till.py" else till("")) + f"# {mark}\n" for name in ("shop/__init__.py", "shop/till.py")} | {
        "shop/cart.py": moved()["shop/cart.py"] + f"# {mark}\n"
    }
