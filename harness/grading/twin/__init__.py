"""Changed expectations: how one graded test is made to ask for something else. Pure; nothing here runs a test."""
