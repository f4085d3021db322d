"""Messages to people and to other programs; nothing here writes into a book."""
