"""The observer: performs an agent's wishes, writes everything down, and says only what the record supports."""
