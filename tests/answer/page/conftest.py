"""The same browser and the same watch over it as for the page of a run."""

from __future__ import annotations

from tests.report.page.conftest import visitor

__all__ = ("visitor",)
