"""Every promise that a command can decide, as data, and the program that decides them all: `make proof`."""
