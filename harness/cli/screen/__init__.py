"""What a terminal of any width shows of a run: rows, tables, the moving picture."""
