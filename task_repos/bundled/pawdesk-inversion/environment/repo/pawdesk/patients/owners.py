"""The people who bring the animals, and how they want to be reached."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import date

from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import chance, clock, journal, mailer, texts
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.paper import letter
from pawdesk.plugins import hooks
from pawdesk.services import service

CHANNELS = ("mail", "text", "none")


@dataclass(frozen=True)
class Owner:
    """One customer; `channel` says how reminders reach them."""

    id: str
    name: str
    mail: str = ""
    phone: str = ""
    street: str = ""
    town: str = ""
    channel: str = "mail"
    code: str = ""
    since: date = field(default_factory=clock.today)
    active: bool = True

    @property
    def address(self) -> list[str]:
        return [line for line in (self.name, self.street, self.town) if line]

    @property
    def greeting(self) -> str:
        return f"Dear {self.name},"


def check_contact(owner: Owner) -> None:
    """A channel needs the address that goes with it."""
    if not owner.name.strip():
        raise Refused("an owner has a name")
    if owner.channel not in CHANNELS:
        raise Refused(f"no such channel: {owner.channel}")
    if owner.channel == "mail" and "@" not in owner.mail:
        raise Refused(f"{owner.name} wants mail and has no address")
    if owner.channel == "text" and not owner.phone:
        raise Refused(f"{owner.name} wants texts and has no telephone")


def same_person(one: Owner, other: Owner) -> bool:
    """Two entries that look like one customer: the same name and one way of reaching them."""
    if one.name.casefold().split() != other.name.casefold().split():
        return False
    mails = one.mail.casefold(), other.mail.casefold()
    phones = one.phone.replace(" ", ""), other.phone.replace(" ", "")
    return (mails[0] == mails[1] != "") or (phones[0] == phones[1] != "")


class Owners:
    """The card index of customers."""

    def register(self, name: str, mail: str = "", phone: str = "", street: str = "", town: str = "", channel: str = "mail") -> Owner:
        """Enters a new customer, gives them a code for the door terminal and writes to them."""
        owner = Owner("", name.strip(), mail, phone, street, town, channel, code=chance.token(6))
        check_contact(owner)
        for other in self.search(name):
            if same_person(owner, other):
                raise Refused(f"{other.name} is {other.id} already")
        with db().transaction():
            owner = replace(owner, id=db().insert("owners", {**pack(owner), "id": None}))
            journal.write("owner.registered", owner=owner.id, name=owner.name)
        hooks.emit("owner.registered", owner=owner.id)
        self.tell(owner.id, f"Welcome to {setting('practice_name')}", [
            f"thank you for registering. Your code for the terminal at our door is {owner.code}.",
            "Bring the vaccination pass of your animal when you come for the first time.",
        ])
        return owner

    def get(self, owner_id: str) -> Owner:
        return unpack(Owner, db().get("owners", owner_id))

    def search(self, text: str) -> list[Owner]:
        """Active owners with all the words somewhere in their name or town."""
        words = text.casefold().split()
        found = (unpack(Owner, each) for each in db().find("owners", active=True))
        return [owner for owner in found if all(word in f"{owner.name} {owner.town}".casefold() for word in words)]

    def by_code(self, code: str) -> Owner | None:
        """Whom the code of the door terminal belongs to."""
        return next((unpack(Owner, each) for each in db().find("owners", code=code.upper(), active=True)), None)

    def change(self, owner_id: str, **changes: str) -> Owner:
        """Changes address or channel."""
        before = self.get(owner_id)
        for name in changes:
            if name not in {"name", "mail", "phone", "street", "town", "channel"}:
                raise Refused(f"{name} of an owner cannot be changed")
        owner = replace(before, **changes)
        check_contact(owner)
        db().put("owners", owner_id, pack(owner))
        journal.write("owner.changed", owner=owner_id, fields=",".join(sorted(changes)))
        return owner

    def new_code(self, owner_id: str) -> str:
        """A fresh code when the old one is lost; no two active owners share one."""
        taken = {each["code"] for each in db().find("owners", active=True)}
        code = chance.token(6)
        while code in taken:
            code = chance.token(6)
        db().put("owners", owner_id, pack(replace(self.get(owner_id), code=code)))
        journal.write("owner.code", owner=owner_id)
        return code

    def leave(self, owner_id: str) -> Owner:
        """A customer leaves; not while they owe money or have animals here."""
        owner = self.get(owner_id)
        owed = service("balances").of_owner(owner_id)
        if owed > 0:
            raise Refused(f"{owner.name} owes {owed}")
        if db().count("animals", owner=owner_id, alive=True):
            raise Refused(f"{owner.name} has animals here")
        gone = replace(owner, active=False)
        db().put("owners", owner_id, pack(gone))
        journal.write("owner.left", owner=owner_id)
        return gone

    def tell(self, owner_id: str, subject: str, paragraphs: list[str], short: str = "") -> str:
        """Writes to an owner by their channel; gives the channel that was used."""
        owner = self.get(owner_id)
        if owner.channel == "mail":
            body = letter(owner.greeting, paragraphs, f"Your team of {setting('practice_name')}")
            mailer.send(owner.mail, subject, body)
        elif owner.channel == "text":
            texts.send(owner.phone, short or f"{subject} - {setting('practice_name')}")
        return owner.channel

    def loyal(self, years: int) -> list[Owner]:
        """Owners who have come for so many years or longer."""
        today = clock.today()
        found = (unpack(Owner, each) for each in db().find("owners", active=True))
        return [owner for owner in found if (today - owner.since).days >= years * 365]
