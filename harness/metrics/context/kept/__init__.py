"""Items, and what keeping them shows: where they come from, when they could be honoured, where it ended. Never: a model's view."""
