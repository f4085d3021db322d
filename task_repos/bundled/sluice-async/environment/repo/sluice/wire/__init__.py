"""What goes over a line, byte by byte. Frozen: outstations in the field cannot be changed with us."""
