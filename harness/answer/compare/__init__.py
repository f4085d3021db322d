"""Can A replace B: sides paired by task, one word with its figure and its doubt; pure."""
