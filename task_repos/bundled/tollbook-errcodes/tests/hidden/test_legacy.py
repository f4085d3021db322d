"""What plugins rely on."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import scenes
from source_tree import RECORDED

from tollbook import errors
from tollbook.api import status_of
from tollbook.cli import exit_status
from tollbook.consignments.problems import Problem
from tollbook.i18n import translate
from tollbook.plugins import post
from tollbook.wire import v1

NUMBERS = {
    "TollbookError": 100, "UsageError": 101, "MissingFile": 106, "SettingsError": 110, "RequestError": 120, "GoodsError": 201,
    "TariffNumberError": 201, "TariffBookError": 202, "UnknownTariff": 212, "Unclassified": 210, "ClosedHeading": 215,
    "OriginError": 220, "GoodsLineError": 230, "ConsignmentFileError": 310, "DutyError": 401, "ExchangeError": 402,
    "ReliefError": 404, "GuaranteeError": 406, "PartyError": 501, "TraderError": 501, "EoriError": 502, "BarredTrader": 504,
    "Sanctioned": 505, "DeclarationError": 601, "MrnError": 602, "AmendmentError": 603, "MissingDeclaration": 605,
    "RefusedConsignment": 607, "TransmissionError": "TX-01", "OfficeSilent": "TX-02", "OfficeRefused": "TX-03",
    "ReplyError": "TX-04", "GivenUp": "TX-07", "OfficeClosed": "TX-08", "SpoolError": 1,
}


def test_classes_keep_their_numbers() -> None:
    """`code` on the classes."""
    assert {name: getattr(errors, name).code for name in NUMBERS} == NUMBERS


def test_errors_are_made_by_hand() -> None:
    """Texts and numbers of one's own."""
    error = errors.UnknownTariff("our own words", 213)
    assert (str(error), error.code, error.message, error.label) == ("TB-213: our own words", 213, "our own words", "TB-213")
    assert error.args == ("our own words",)
    assert str(errors.TransmissionError("our own words", "TX-08")) == "TX-08: our own words"
    assert str(errors.SpoolError("our own words", 5)) == "[SP5] our own words"
    assert translate(errors.UsageError("our own words", 104), "de") == "our own words"
    assert translate(Problem(301, "our own words"), "de") == "our own words"


def test_builtin_bases_stay() -> None:
    """Errors are caught as what they always were."""
    bases = {"GoodsLineError": ValueError, "UnknownTariff": LookupError, "BarredTrader": PermissionError, "MissingDeclaration": KeyError, "OfficeSilent": TimeoutError}
    for name, base in bases.items():
        with pytest.raises(base) as caught:
            raise getattr(errors, name)("our own words")
        assert isinstance(caught.value, errors.TollbookError)
    assert issubclass(errors.Unclassified, errors.UnknownTariff)
    assert issubclass(errors.GivenUp, errors.TransmissionError)


def test_plugins_go_on() -> None:
    """The post's plugin, and messages of version 1."""
    with pytest.raises(errors.TransmissionError) as strike:
        post.carry(6, 1)
    assert post.receipt(strike.value) == "TX-01/TX-01/the post rests on Sundays"
    with pytest.raises(errors.SpoolError) as full:
        post.carry(1, 2000)
    assert (str(full.value), status_of(full.value)) == ("[SP3] the box in the yard is full", 507)
    with pytest.raises(errors.TollbookError) as own:
        post.carry(1, -1)
    assert (post.receipt(own.value), exit_status(own.value), status_of(own.value)) == ("TB-199/199/letters can't be carried back", 1, 500)
    with pytest.raises(v1.WireError) as wire:
        v1.read_reply("TB:1'ACC")
    assert (exit_status(wire.value), status_of(wire.value)) == (70, 500)


@pytest.mark.parametrize("again", [copy.copy, copy.deepcopy, lambda error: pickle.loads(pickle.dumps(error))], ids=["copy", "deepcopy", "pickle"])
def test_errors_are_copied(again: Any) -> None:
    """Copies say the same under the same number."""
    for area in ("goods", "offices", "spool"):
        for name, error in scenes.errors(area):
            twin = again(error)
            assert (type(twin), str(twin), twin.code) == (type(error), str(error), error.code), name


def test_copies_keep_their_fields() -> None:
    """Copies know the entry and the fields."""
    error = dict(scenes.errors("spool"))["full"]
    twin = pickle.loads(pickle.dumps(error))
    assert twin.entry == error.entry
    assert twin.fields == {"count": 1, "limit": 1}


def test_own_errors_have_no_fields() -> None:
    """An error made by hand has no fields; one of a number that is nobody's has no entry."""
    error = errors.EoriError("our own words")
    assert error.fields == {}
    assert error.entry.code == "TB-502"
    assert errors.TollbookError("our own words", 199).entry is None


def test_plain_errors_got_classes() -> None:
    """Errors without a number are errors of the package, and what they were besides."""
    bases = {"amount": ValueError, "weight": ValueError, "unit": LookupError, "archive": RuntimeError, "ledger": RuntimeError, "catalogue": LookupError}
    found = dict(scenes.errors("plain"))
    assert {name: isinstance(found[name], base) for name, base in bases.items()} == dict.fromkeys(bases, True)
    assert [name for name, error in found.items() if not isinstance(error, errors.TollbookError)] == []
    assert found["amount"].code == 131
    assert found["currencies"].label == "TB-132"
    assert found["country"].message == RECORDED["scenes"]["plain"]["country"]["text"]
