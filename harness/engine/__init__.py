"""The only place where things happen in order: an agent's wishes performed one by one, each written down before the next."""
