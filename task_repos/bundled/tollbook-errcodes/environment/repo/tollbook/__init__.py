"""Customs declarations for parcel forwarders: from a consignment file to an accepted declaration."""

__version__ = "1.4.2"
