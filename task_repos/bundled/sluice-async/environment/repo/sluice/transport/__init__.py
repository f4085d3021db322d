"""Ways to a peer: links, how they are made, lent and taken."""
