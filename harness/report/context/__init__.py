"""What a run lost of its context: figures over accounts, their words, and their drawings; pure. Never: a trace, a store, a judgement of its own."""
