"""Scenes in which something goes wrong: each is a function that raises, by area and name."""

from __future__ import annotations

import configparser
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import shop

from tollbook import i18n, settings
from tollbook.api import Api
from tollbook.cli import parse as words
from tollbook.consignments import reader
from tollbook.consignments.checks import check
from tollbook.countries import country
from tollbook.declarations import numbers
from tollbook.declarations.amend import amend
from tollbook.declarations.build import build
from tollbook.declarations.states import Declarations
from tollbook.goods import classify, origin, tariffs
from tollbook.money import parse
from tollbook.offices import replies
from tollbook.parties import eori
from tollbook.store.archive import Archive
from tollbook.store.ledger import Ledger
from tollbook.store.spool import Spool, Waiting
from tollbook.weights import kilograms

Scene = Callable[[Path], Any]


def configured(text: str) -> Scene:
    def run(folder: Path) -> Any:
        parser = configparser.ConfigParser()
        parser.read_string(text)
        return settings.from_parser(parser)

    return run


def settings_file(folder: Path) -> Any:
    (folder / "bad.ini").write_text("no section\n")
    try:
        settings.read(folder / "bad.ini")
    except Exception as error:
        error.__cause__ = None
        raise type(error)(error.message.replace(str(folder), "F"), error.code) from None


def assessed(**changes: Any) -> Scene:
    return lambda _: build(shop.consignment(**changes), "NO1", shop.desk())


def goods(**changes: str) -> list[dict[str, str]]:
    return [shop.LINE | changes]


def routed(method: str, path: str, body: bytes = b"") -> Scene:
    def run(_: Path) -> Any:
        api = Api(shop.desk(), Declarations(), "NO1")
        return api._route(method, path.strip("/").split("/"), body)

    return run


def full_spool(folder: Path) -> Any:
    spool = Spool(folder / "full", 1)
    spool.open()
    spool.put(Waiting("M1", "NO1", "x", shop.NOON))
    spool.put(Waiting("M2", "NO1", "x", shop.NOON))


def locked_spool(folder: Path) -> Any:
    (folder / "locked").mkdir()
    (folder / "locked" / "lock").write_text("4711")
    Spool(folder / "locked").open()


def damaged_spool(folder: Path) -> Any:
    spool = Spool(folder / "damaged").open()
    (folder / "damaged" / "M3.json").write_text("{")
    spool.get("M3")


def amended(_: Path) -> Any:
    lodged = replace(shop.declaration().become("lodged", shop.DAY), amended=3)
    amend(lodged, {"relief": "fixed"})


def closed_ledger(_: Path) -> Any:
    ledger = Ledger("G-9", parse("1.00 EUR"))
    ledger.close()
    ledger.hold("K12", parse("1.00 EUR"))


AREAS: dict[str, dict[str, Scene]] = {
    "goods": {
        "digits": lambda _: tariffs.check_number("4202.21"),
        "columns": lambda _: tariffs.read_book("head\n42021100;a;3\n", 2026),
        "rate": lambda _: tariffs.read_book("head\n42021100;a;much;;\n", 2026),
        "twice": lambda _: tariffs.read_book("head\n42021100;a;3;;\n\n42021100;b;3;;\n", 2026),
        "nothing fits": lambda _: classify.classify(shop.line(goods="anchor's chain"), shop.book()),
        "too much fits": lambda _: classify.classify(shop.line(goods="leather and gold"), shop.book()),
        "not in the book": lambda _: shop.book().find("99999999", shop.DAY),
        "expired": lambda _: shop.book().find("92012000", shop.DAY),
        "closed": lambda _: shop.book().open_for(shop.book().find("42021100", shop.DAY), "US"),
        "no proof": lambda _: origin.demand_proof(shop.line(origin="TR")),
        "odd proof": lambda _: origin.factor(shop.line(origin="TR", proof="ATR-99"), shop.DAY),
        "proof of no day": lambda _: origin.factor(shop.line(origin="TR", proof="ATR-A12345-261399"), shop.DAY),
        "old proof": lambda _: origin.factor(shop.line(origin="CH", proof="EUR1-123456-260101"), shop.DAY),
        "quantity": lambda _: shop.line(quantity="-2"),
        "net above gross": lambda _: shop.line(gross="1399 g"),
        "empty column": lambda _: shop.line(origin=" "),
    },
    "consignments": {
        "not there": lambda _: reader.read(Path("nowhere/k.csv")),
        "no column": lambda _: reader.from_csv("number;day\n"),
        "no number": lambda _: reader.from_csv("number;day;sender;receiver;start;goal;invoice;goods;quantity;value;net;origin\n;;;;;;;;;;;\n"),
        "no json": lambda _: reader.from_json("[\n{]"),
        "no day": lambda _: shop.consignment(day="June"),
        "no goal": lambda _: reader.from_object({key: value for key, value in shop.body().items() if key != "goal"}),
    },
    "duties": {
        "no rate": lambda _: shop.desk().calculator.assess(shop.consignment(lines=goods(origin="CN"))),
        "no exchange rate": lambda _: shop.exchange().into_home(parse("5.00 JPY"), shop.DAY),
        "old exchange rate": lambda _: shop.exchange().into_home(parse("5.00 CHF"), shop.DAY),
        "not covered": lambda _: shop.desk().calculator.assess(shop.consignment(relief="samples")),
        "used up": lambda _: shop.reliefs().apply("samples", shop.line(tariff="71131900"), parse("5.01 EUR")),
        "negative": lambda _: shop.desk().calculator.assess(shop.consignment(relief="fixed")),
        "guarantee": assessed(invoice="800.00 EUR", lines=goods(value="800.00 EUR")),
    },
    "parties": {
        "not registered": assessed(sender="who"),
        "no country": lambda _: eori.check("QQ1234567"),
        "check digit": lambda _: eori.check("IT555010"),
        "barred": assessed(receiver="gone"),
        "listed": assessed(receiver="iron"),
        "not authorised": lambda _: shop.traders().authorised("borsa", "transit"),
    },
    "declarations": {
        "way": lambda _: shop.declaration().become("released", shop.DAY),
        "mrn": lambda _: numbers.check("26NO0000000000042X"),
        "amended often": amended,
        "amended wrongly": lambda _: amend(shop.declaration().become("lodged", shop.DAY), {"lines": ()}),
        "not here": lambda _: Declarations().get("D0"),
        "no such mrn": lambda _: Declarations().by_mrn("26NO"),
        "problems": assessed(goal="FR", lines=[]),
    },
    "offices": {
        "unknown office": lambda _: shop.transmitter()._once("XX9", "M5", ""),
        "no address": lambda _: shop.transmitter()._once("NO2", "M5", ""),
        "no way": lambda _: shop.transmitter(OSError(113, "no route to host"))._once("NO1", "M5", ""),
        "silence": lambda _: shop.transmitter(TimeoutError())._once("NO1", "M5", ""),
        "refused": lambda _: shop.transmitter("NAK too late").send("NO1", "M5", ""),
        "in vain": lambda _: shop.transmitter(TimeoutError()).send("NO1", "M5", ""),
        "closed": lambda _: shop.transmitter(now=shop.SUNDAY)._once("NO1", "M5", ""),
        "version": lambda _: replies.read("M5", "TB:7\nSTA=ACC\nREF=D\n"),
        "short": lambda _: replies.read("M5", "TB:2"),
        "cut off": lambda _: replies.read("M5", "TB:2\nSTA=ACC\nREF=D\nEND=7\n"),
        "element": lambda _: replies.read("M5", "TB:2\nSTA=ACC\nTXT=none\nEND=2\n"),
        "state": lambda _: replies.read("M5", "TB:2\nSTA=WHO\nREF=D\nEND=2\n"),
    },
    "spool": {
        "full": full_spool,
        "locked": locked_spool,
        "damaged": damaged_spool,
        "not there": lambda folder: Spool(folder / "empty").get("M8"),
        "nothing to drop": lambda folder: Spool(folder / "empty").drop("M9"),
    },
    "surface": {
        "no section": configured("[limits]\nlines = 4\n"),
        "no number": configured("[forwarder]\nname = x\n[limits]\nlines = few\n"),
        "unknown key": configured("[forwarder]\ncolour = red\n"),
        "no address": configured("[forwarder]\nname = x\n[offices]\nno1 =\n"),
        "settings file": settings_file,
        "settings missing": lambda _: settings.read(Path("nowhere.ini")),
        "option": lambda _: words(["check", "--year"]),
        "language": lambda _: words(["check", "--language", "la"]),
        "route": routed("PUT", "/consignments/9"),
        "json": routed("POST", "/consignments", b'{"number": }'),
        "large": routed("POST", "/consignments", b" " * 65_537),
    },
}
PLAIN: dict[str, Scene] = {
    "amount": lambda _: parse("5 euros"),
    "currencies": lambda _: parse("5.00 EUR") - parse("5.00 CHF"),
    "weight": lambda _: kilograms("heavy"),
    "unit": lambda _: kilograms("2 stone"),
    "country": lambda _: country("ZZ"),
    "archive": lambda folder: Archive(folder / "archive").text("../secret"),
    "ledger": closed_ledger,
    "catalogue": lambda _: i18n.catalogue("la"),
}


def raised(scene: Scene) -> Exception:
    """What a scene raises."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            scene(Path(folder))
        except Exception as error:
            return error
    raise LookupError("nothing went wrong")


def errors(area: str) -> Iterator[tuple[str, Any]]:
    for name, scene in (PLAIN if area == "plain" else AREAS[area]).items():
        yield name, raised(scene)


def problems() -> list[Any]:
    """One problem of each kind, by their order."""
    many = [shop.LINE | {"goods": "various parts", "value": "0.20 EUR", "net": "30 kg", "tariff": "0406.90.01"} for _ in range(4)]
    found = check(shop.consignment(lines=many, start="NO"), settings.Limits(lines=3))
    doubts = shop.desk().sanctions.doubts("Volkow Iron Work")
    return [*found, *check(shop.consignment(lines=[])), *doubts]


def logged() -> None:
    """Let everything be logged that the log has codes for."""
    configured("[forwarder]\nname = x\n[sending]\nretries = 5\n")(Path())
    shop.exchange()
    shop.book().find("42021100", date(2025, 12, 31))
    shop.transmitter("ok and long enough", seconds=9.25).send("NO1", "M5", "")
    raised(lambda _: shop.transmitter(TimeoutError(), attempts=2).send("NO1", "M6", ""))
    mrn = numbers.make(shop.DAY, "NO", 12)
    replies.take(shop.declaration().become("lodged", shop.DAY), replies.Reply("M5", "ACC", mrn), shop.DAY)
    with tempfile.TemporaryDirectory() as folder, Spool(Path(folder) / "spool") as spool:
        spool.put(Waiting("M7", "NO1", "x", shop.NOON))
        (Path(folder) / "spool" / "M8.json").write_text("{}")
        spool.expire(shop.NOON + timedelta(days=31), 30)
