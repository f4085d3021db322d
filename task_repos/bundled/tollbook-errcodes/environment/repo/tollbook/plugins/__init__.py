"""Plugins that others have written; they are kept here so that they are not lost. Frozen: their authors change them, we don't."""
