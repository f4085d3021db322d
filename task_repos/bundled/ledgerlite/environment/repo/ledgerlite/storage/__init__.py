"""Stores for books: JSON lines, SQLite, and the migrations between their versions."""

from ledgerlite.storage.jsonl import JsonLinesStore
from ledgerlite.storage.migrate import CURRENT, migrate
from ledgerlite.storage.sqlite import SqliteStore

__all__ = ["CURRENT", "JsonLinesStore", "SqliteStore", "migrate"]
