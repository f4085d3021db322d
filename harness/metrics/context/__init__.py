"""Context loss read from a trace: what the model could see, what it should have kept, and what it lost. Never: a file, a clock, a model's opinion."""
