"""Changes of stored documents, in the order of their names. Released ones are never touched again."""
