"""Studies of context: claims with their decision rules, the designs that can settle them here, and the verdict from what a run recorded."""
