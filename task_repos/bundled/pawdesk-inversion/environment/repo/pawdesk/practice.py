"""A practice: its folder, its settings and everything that can be done in it."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path
from types import TracebackType
from typing import Any

from pawdesk.errors import NotFound
from pawdesk.infra import chance, clock, config, database, exchange, files, journal, mailer, payments, printer, texts
from pawdesk.infra.config import Settings
from pawdesk.plugins import hooks, loader
from pawdesk.services import names, service
from pawdesk.upgrade import upgrade


def open_practice(folder: str | Path | None = None, **changes: Any) -> Practice:
    """Opens the practice of a folder, or one in memory without; `changes` go before the settings file."""
    place = Path(folder) if folder is not None else None
    settings = config.read_settings(place) if place is not None else Settings()
    return Practice(place, config.change_settings(settings, changes))


class Practice:
    """Services are attributes: `practice.owners`, `practice.appointments` and so on; see docs/services.md."""

    def __init__(self, folder: Path | None, settings: Settings) -> None:
        self.folder = folder
        self.settings = settings
        self._install()
        hooks.clear()
        self.upgraded = upgrade()
        self.plugins = loader.load(settings.plugins)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        try:
            return service(name)
        except NotFound:
            raise AttributeError(f"a practice has no {name}") from None

    def __dir__(self) -> list[str]:
        return [*super().__dir__(), *names()]

    def now(self) -> datetime:
        return clock.now()

    def verify(self) -> int:
        """The number of journal entries, when none was tampered with."""
        return journal.verify()

    def subscribe(self, name: str, listener: hooks.Listener) -> None:
        """Calls a function with the facts of every event of a name."""
        hooks.subscribe(name, listener)

    def close(self) -> None:
        """Closes the database; the practice cannot be used any more."""
        hooks.clear()
        database.disconnect()

    def __enter__(self) -> Practice:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def _install(self) -> None:
        settings = self.settings
        config.configure(settings)
        clock.set_clock(datetime.fromisoformat(settings.clock) if settings.clock else None)
        chance.reseed(settings.seed if settings.seed >= 0 else None)
        database.connect(self._in("pawdesk.db") or ":memory:")
        mailer.install(mailer.MailSpool(self._in("mail"), settings.sender))
        texts.install(texts.TextSpool(self._in("texts.jsonl")))
        payments.install(payments.CardTerminal(self._in("cards.jsonl"), settings.card_limit))
        printer.install(printer.PrintSpool(self._in("print")))
        journal.install(journal.Journal(self._in("journal.jsonl")))
        files.install(files.FileStore(self._in("files")))
        exchange.install(exchange.LabFolder(self._in("lab")))

    def _in(self, name: str) -> Path | None:
        if self.folder is None:
            return None
        self.folder.mkdir(parents=True, exist_ok=True)
        return self.folder / name
