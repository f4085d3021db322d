"""Shapes of modules: each writes one kind of module about one kind of thing, with its tests. No chance in here: what varies is given."""
