"""Names to living parts: the only room that knows plugins exist, by name at run time and never by an import statement."""
