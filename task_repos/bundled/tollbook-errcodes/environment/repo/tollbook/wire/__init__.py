"""Messages as offices read and write them."""
