"""What a user wanted to know: rows of one or more runs to estimates, comparisons, gates, trends and checked claims; pure."""
