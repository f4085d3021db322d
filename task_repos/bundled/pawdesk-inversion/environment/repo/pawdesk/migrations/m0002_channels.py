"""Owners of the first release had no channel: mail when there is an address, none otherwise."""

from pawdesk.infra import journal
from pawdesk.infra.database import db


def run():
    changed = [each for each in db().find("owners") if "channel" not in each]
    for each in changed:
        db().put("owners", each["id"], {**each, "channel": "mail" if each.get("mail") else "none"})
    if changed:
        journal.write("migrated", collection="owners", documents=len(changed))
    return len(changed)
