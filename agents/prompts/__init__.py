"""What agents say to a model, as Markdown files whose digests are on record."""
