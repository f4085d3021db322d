"""Estimators and intervals over tallies of trials: pure, seeded, the source of every formula in its docstring; scipy and numpy live here."""
