"""Signs in newly added code that it knows it is tested. Pure; nothing here runs what it reads."""
