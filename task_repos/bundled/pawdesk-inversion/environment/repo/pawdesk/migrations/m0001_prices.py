"""A new practice gets the first price list."""

from pawdesk.services import service


def run():
    return service("prices").seed()
