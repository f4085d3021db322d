"""Medicines: what there is, how it is dosed, what is on the shelf and what goes into the locked cupboard."""
