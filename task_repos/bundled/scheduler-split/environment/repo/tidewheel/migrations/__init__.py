"""One module per old schema; each has `migrate(state)`, which lifts the state by one. Frozen once released."""
