"""Consignments: parcels that go together, as a file brings them."""
