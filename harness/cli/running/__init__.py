"""One run being driven: its record founded, its lock and place held, workers told and heard, its end."""
