"""The commands that answer a question about runs: one per file, each thin over `harness.answer`."""
