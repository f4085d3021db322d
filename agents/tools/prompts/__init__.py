"""What a model is told of each tool, as Markdown files."""
