"""The tools an agent may ask for: each a specification, a strict reading of its arguments, and one act on the sandbox."""
