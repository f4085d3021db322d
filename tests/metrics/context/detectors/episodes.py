"""Stages that know nothing of each other: each in a folder of its own, with items, points and slips of its own, to be played in any order."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import msgspec

from harness.core.memory import Constraint, Item, Manifest, Milestone, Stage
from harness.core.predicates import Adds, At, Constant, Exists, Named, Occasion, Predicate, Says
from harness.metrics.context.scene import Scene
from tests.metrics.context.detectors.played import Files, Play

Acts = Callable[[Play, int], object]
"""Plays the stage, whose number is given; hands it back at its end."""
TOLD, TURNED = "told", "turned"
"""Two requests that come before all: one states every item, the other overturns what is overturned."""
FIRST = 3
"""The number of the first stage after them."""


class Episode(msgspec.Struct, frozen=True):
    """`name`: of the stage and its folder. `points`: predicates with the ids of the items that they rest upon; `rules`: (id, predicate,
    occasion), None for the end of the stage; `files`: what stands there at the beginning.
    """

    name: str
    acts: Acts
    points: tuple[tuple[Predicate, tuple[str, ...]], ...] = ()
    items: tuple[Item, ...] = ()
    rules: tuple[tuple[str, Predicate, Occasion | None], ...] = ()
    files: Files = {}


def manifest(order: Sequence[Episode]) -> Manifest:
    """Of these stages in this order, after the two that tell."""
    places = tuple(enumerate(order, start=FIRST))
    return Manifest(
        (Stage(TOLD), Stage(TURNED), *(Stage(one.name) for one in order)),
        tuple(sorted((item for one in order for item in one.items), key=lambda item: item.id)),
        tuple(Constraint(item, asked, At(number) if when is None else when) for number, one in places for item, asked, when in one.rules),
        tuple(
            Milestone(f"s{number}.{point}", f"{number}.{point}", number, asked, scope=(f"{one.name}/**",), items=items)
            for number, one in places for point, (asked, items) in enumerate(one.points, start=1)
        ),
    )  # fmt: skip


def played(order: Sequence[Episode], every: Sequence[Episode] = ()) -> Scene:
    """`every`: whose files stand there from the beginning, where they are not just those that are played."""
    files = {path: text for one in sorted(every or order, key=lambda one: one.name) for path, text in one.files.items()}
    play = Play(manifest(order), {"readme.txt": "Parts.\n", **files}).hear("Keep in mind what follows.", request=True)
    play.finish("nothing asked").hear("Some of it has changed.", request=True).finish("nothing asked")
    for number, one in enumerate(order, start=FIRST):
        assert play.stage == number, f"{order[number - FIRST - 1].name} did not hand back"
        play.hear(f"Now the {one.name}.", request=True)
        one.acts(play, number)
    return play.scene()


def names(order: Sequence[Episode]) -> tuple[str, ...]:
    """Of all stages, as `unplaced` wants them."""
    return (TOLD, TURNED, *(one.name for one in order))


def rule(folder: str) -> Item:
    return Item(f"{folder}:suffix", "rule", f"Functions of {folder} end with `_op`.", (f"{folder}_op",), manner="rehearsed")


def fact(folder: str, value: str, **more: object) -> Item:
    return Item(f"{folder}:fact", "fact", f"The port of {folder} is {value}.", (value,), value=value, **more)  # type: ignore[arg-type]


def suffixed(folder: str) -> tuple[str, Predicate, Occasion]:
    paths = (f"{folder}/*.py",)
    return f"{folder}:suffix", Named(paths, ".*_op"), Adds("function", paths)


def body(name: str, amount: int) -> str:
    """A function of four statements."""
    return f"def {name}(rows):\n    total = {amount}\n    for row in rows:\n        total += row.weight\n    return total\n"


def drifts(play: Play, number: int) -> None:
    """Keeps its rule twice, then not."""
    for name in ("one_op", "two_op", "three"):
        play.write(f"drift/{name}.py", f"def {name}():\n    return 1\n").over()
    play.over().over().test().finish(f"{number}.1")


def refuses(play: Play, number: int) -> None:
    """Never takes its rule up, and corrects itself late."""
    play.write("adopt/a.py", "def one():\n    return 1\n").over().over().over()
    play.write("adopt/a.py", "def one_op():\n    return 1\n").over().test().finish(f"{number}.1")


def slips(play: Play, number: int) -> None:
    """Breaks its rule in passing."""
    play.write("passing/a.py", "def one():\n    return 1\n").over()
    play.write("passing/a.py", "def one_op():\n    return 1\n").over().test().finish(f"{number}.1")


def sleeps(play: Play, number: int) -> None:
    """Misses what was told for this stage alone."""
    play.write("sleeper/net.py", "HOST = 1\n").over().test().finish(f"{number}.1")


def guesses(play: Play, number: int) -> None:
    """Makes up a value that was told, and claims the point."""
    play.read("fact/net.py").over().write("fact/net.py", "PORT = 17\n").over().test().finish(f"{number}.1")


def remembers(play: Play, number: int) -> None:
    """Uses a value that was overturned."""
    play.write("former/net.py", "STEPS = 4771\n").over().test().finish(f"{number}.1")


def undoes(play: Play, number: int) -> None:
    """Meets its point, breaks it again, and works on the file as it was."""
    play.write("undone/net.py", "HOST = 1\nPORT = 5\n").over().write("undone/net.py", "HOST = 1\n").over().over()
    play.replace("undone/net.py", "PORT = 5", "PORT = 6").over().test().finish(f"{number}.1")


def repeats(play: Play, number: int) -> None:
    """Writes one function twice."""
    play.write("twice/a.py", body("weigh", 7)).over().write("twice/b.py", body("heft", 7)).over().test().finish(f"{number}.1")


def forgets(play: Play, number: int) -> None:
    """Claims one point that is not met, forgets another, owns up to a third."""
    play.write("ending/a.py", "A = 1\n").over().test().finish(f"{number}.1, {number}.2", f"{number}.4: no time")


def invents(play: Play, number: int) -> None:
    """Leans on what never was, on what it took away itself, and says that tests ran."""
    play.read("state/nowhere_at_all.py").over()
    play.shell("rm state/gone.py", gone=("state/gone.py",)).over().read("state/gone.py").over()
    play.write("state/use.py", "from state.made import absent_name\n").over().over().over().finish(f"{number}.1; all tests pass")


def circles(play: Play, number: int) -> None:
    """Looks at one file over and over, and sends its own back and forth."""
    for _ in range(5):
        play.read("circle/net.py").over()
    for turn in range(3):
        play.write("circle/a.py", f"A = {turn % 2}\n").over().write("circle/a.py", f"A = {turn % 2}{turn % 2}\n").over()
    play.write("circle/a.py", "A = 0\n").over().test().finish(f"{number}.1")


def stubs(play: Play, number: int) -> None:
    """Leaves code out."""
    play.write("stub/a.py", "def one():\n    # ... rest unchanged ...\n    raise NotImplementedError\n").over().test().finish(f"{number}.1")


def works(play: Play, number: int) -> None:
    """Loses nothing."""
    play.read("clean/net.py").over().write("clean/net.py", "PORT = 7\n").over()
    play.write("clean/a.py", "def one_op():\n    return 1\n").over().test().finish(f"{number}.1")


def there(path: str) -> tuple[tuple[Predicate, tuple[str, ...]], ...]:
    return ((Exists(path), ()),)


MARK, PORT = fact("sleeper", "55017", manner="sleeper"), fact("fact", "48213")
OLD = Item("former:old", "decision", "Take 4771 steps.", ("4771",), since=1, until=2, value="4771")
NEW = Item("former:new", "decision", "Take 9038 steps now.", ("9038",), since=2, supersedes="former:old", value="9038")
EPISODES = (
    Episode("drift", drifts, there("drift/one_op.py"), (rule("drift"),), (suffixed("drift"),)),
    Episode("adopt", refuses, there("adopt/a.py"), (rule("adopt"),), (suffixed("adopt"),)),
    Episode("passing", slips, there("passing/a.py"), (rule("passing"),), (suffixed("passing"),)),
    Episode("sleeper", sleeps, there("sleeper/net.py"), (MARK,), (("sleeper:fact", Says(("sleeper/net.py",), "55017"), None),)),
    Episode("fact", guesses, ((Constant("fact/net.py", "PORT", "48213"), (PORT.id,)),), (PORT,), files={"fact/net.py": "HOST = 1\n"}),
    Episode("former", remembers, ((Constant("former/net.py", "STEPS", "9038"), ("former:new",)),), (OLD, NEW)),
    Episode("undone", undoes, ((Constant("undone/net.py", "PORT", "5"), ()),), files={"undone/net.py": "HOST = 1\n"}),
    Episode("twice", repeats, there("twice/a.py")),
    Episode("ending", forgets, (*there("ending/a.py"), *there("ending/b.py"), *there("ending/c.py"), *there("ending/d.py"))),
    Episode("state", invents, there("state/use.py"), files={"state/made.py": "X = 1\n", "state/gone.py": "Y = 1\n"}),
    Episode("circle", circles, there("circle/a.py"), files={"circle/net.py": "HOST = 1\n"}),
    Episode("stub", stubs, there("stub/a.py")),
    Episode("clean", works, ((Constant("clean/net.py", "PORT", "7"), ()),), (rule("clean"),), (suffixed("clean"),), {"clean/net.py": "PORT = 1\n"}),
)
