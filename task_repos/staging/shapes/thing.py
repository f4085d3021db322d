"""What a module is about: a noun with its fields and the numbers that make it unlike its neighbours."""

from __future__ import annotations

import msgspec


class Thing(msgspec.Struct, frozen=True):
    """`texts`, `numbers`: names of its fields besides `code`. `twist`: drawn, 0 to 5: which variant a shape takes. `limit`: a drawn number."""

    package: str
    noun: str
    texts: tuple[str, ...]
    numbers: tuple[str, ...]
    twist: int
    limit: int

    @property
    def title(self) -> str:
        """The noun as a class is named."""
        return self.noun.capitalize()

    @property
    def home(self) -> str:
        """The dotted package of its modules."""
        return f"{self.package}.{self.noun}"

    @property
    def first(self) -> str:
        """The number that its totals are made of."""
        return self.numbers[0]

    def fields(self) -> tuple[tuple[str, str], ...]:
        """(name, type) in order."""
        return (("code", "str"), *((name, "str") for name in self.texts), *((name, "int") for name in self.numbers))

    def sample(self, index: int) -> dict[str, str | int]:
        """The values of an example record."""
        texts = {name: f"{name} {word}" for name, word in zip(self.texts, ("amber", "birch", "cedar", "dune")[index % 4 :] + ("elm",) * 4, strict=False)}
        numbers = {name: (index + 2) * (place + 3) + self.limit % 7 for place, name in enumerate(self.numbers)}
        return {"code": f"{self.noun[0].upper()}{index + 1:02d}", **texts, **numbers}

    def call(self, index: int) -> str:
        """The example as a constructor call."""
        return f"{self.title}({', '.join(f'{name}={_quoted(value)}' for name, value in self.sample(index).items())})"


class Page(msgspec.Struct, frozen=True):
    """A module's own part: what it imports (module -> names; "" for `import module`), its classes and functions, and its tests likewise."""

    doc: str
    imports: tuple[tuple[str, tuple[str, ...]], ...]
    text: str
    test_imports: tuple[tuple[str, tuple[str, ...]], ...]
    test: str


def _quoted(value: str | int) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value)
