"""Goods: what is in a parcel, and under which tariff it goes."""
