"""What an agent's plain words say: claims, calls in words, statements that are not what was told. Never: a tree."""
