"""One detector a file: `KINDS`, `VERSION` and `find(scene) -> findings`, pure. Never: a threshold that docs/context-loss.md does not name."""
