"""Lists and figures for the people who run the practice."""
