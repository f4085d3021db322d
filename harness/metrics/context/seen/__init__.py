"""What a model was shown, turn by turn: lives, parts, tokens, exposures, sights. Never: whether anything was kept."""
