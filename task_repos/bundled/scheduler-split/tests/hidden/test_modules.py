"""The new modules, used from outside."""

import importlib
import json
from pathlib import Path

import pytest

HOMES = json.loads(Path(__file__).with_name("public.json").read_text(encoding="utf-8"))["homes"]


@pytest.mark.parametrize("name", sorted(HOMES))
def test_a_module_holds_the_same_objects_as_core(name):
    module, core = importlib.import_module(f"tidewheel.{name}"), importlib.import_module("tidewheel.core")
    for each in HOMES[name]:
        assert getattr(module, each) is getattr(core, each), each
