"""A record looked at: runs and trials found by a word, differences, and the files made of them."""
