"""What an agent did: changes and who made them, command lines, paths and imports, code that stands for other code. Never: a judgement."""
