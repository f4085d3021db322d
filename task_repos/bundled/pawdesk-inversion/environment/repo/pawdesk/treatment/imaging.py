"""Pictures: taken, stored under their digest, sent to a specialist with a link that expires."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from pawdesk.documents import pack, unpack
from pawdesk.errors import Refused
from pawdesk.infra import clock, files, journal, mailer
from pawdesk.infra.config import setting
from pawdesk.infra.database import db
from pawdesk.patients.animals import Animals
from pawdesk.patients.records import Records
from pawdesk.services import service

KINDS = {"xray": "IMG-X", "ultrasound": "IMG-U", "photo": ""}
LINK_DAYS = 14
LARGEST = 20_000_000


@dataclass(frozen=True)
class Picture:
    """One picture and where its bytes are."""

    id: str
    animal: str
    kind: str
    view: str
    file: str
    digest: str
    taken: datetime
    vet: str


@dataclass(frozen=True)
class Link:
    """A key under which somebody outside may fetch a picture for a while."""

    id: str
    picture: str
    key: str
    until: datetime
    used: int = 0


def file_name(animal_id: str, digest: str, taken: datetime) -> str:
    """Pictures lie by year and animal."""
    return f"pictures/{taken.year}/{animal_id}/{digest[:12]}.img"


class Imaging:
    """Pictures by animal."""

    def store(self, animal_id: str, kind: str, view: str, data: bytes, vet: str) -> Picture:
        """Stores a picture and charges for it; the same bytes are stored once."""
        animal = Animals().get(animal_id)
        if kind not in KINDS:
            raise Refused(f"no such kind of picture: {kind}")
        if not 0 < len(data) <= LARGEST:
            raise Refused(f"a picture has 1 to {LARGEST} bytes")
        digest = hashlib.sha256(data).hexdigest()
        for known in self.of_animal(animal.id):
            if known.digest == digest:
                return known
        taken = clock.now()
        name = files.put(file_name(animal.id, digest, taken), data)
        picture = Picture("", animal.id, kind, view, name, digest, taken, vet)
        picture = replace(picture, id=db().insert("pictures", {**pack(picture), "id": None}))
        journal.write("picture.stored", picture=picture.id, animal=animal.id, digest=digest)
        if KINDS[kind]:
            price = service("prices").amount(KINDS[kind], 1)
            service("charges").add(animal.owner, animal.id, f"{kind} {view}", price, source=picture.id)
        return picture

    def of_animal(self, animal_id: str) -> list[Picture]:
        return [unpack(Picture, each) for each in db().find("pictures", animal=animal_id)]

    def data(self, picture_id: str) -> bytes:
        """The bytes, when they are still those that were stored."""
        picture = unpack(Picture, db().get("pictures", picture_id))
        data = files.get(picture.file)
        if hashlib.sha256(data).hexdigest() != picture.digest:
            raise Refused(f"{picture.file} was changed")
        return data

    def refer(self, picture_id: str, to: str, question: str) -> Link:
        """Sends a specialist a link to a picture."""
        picture = unpack(Picture, db().get("pictures", picture_id))
        animal = Animals().get(picture.animal)
        link = Link("", picture.id, secrets.token_hex(8), clock.now() + timedelta(days=LINK_DAYS))
        link = replace(link, id=db().insert("links", {**pack(link), "id": None}))
        body = f"{question}\n\n{animal.species}, {Animals().age(animal.id)}, {picture.kind} {picture.view}\nKey: {link.key}\n"
        mailer.send(to, f"{setting('practice_name')}: {picture.kind} {picture.id}", body, [picture.file])
        Records().write(animal.id, "finding", f"{picture.kind} {picture.view} sent to {to}: {question}", picture.vet)
        journal.write("picture.referred", picture=picture.id, to=to)
        return link

    def fetch(self, key: str) -> bytes:
        """What a specialist gets under a key."""
        found = db().find("links", key=key)
        if not found:
            raise Refused("no such key")
        link = unpack(Link, found[0])
        if link.until < clock.now():
            raise Refused("the key has expired")
        db().put("links", link.id, pack(replace(link, used=link.used + 1)))
        return self.data(link.picture)
