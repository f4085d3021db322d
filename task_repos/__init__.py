"""What agents work on: one reader per kind of task; pure of models and sandboxes, importing `harness.core` alone."""
