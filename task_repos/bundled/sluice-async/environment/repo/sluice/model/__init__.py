"""Stations, readings, commands, alarms, firmware: plain values and decisions, without input or output."""
