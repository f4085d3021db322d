"""What can be done with an outstation, in terms of points and images."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sluice.errors import CommandError, DeviceRefused, MessageError, RolloutError, VerifyError
from sluice.model.blocks import memory_of, spans, value_of
from sluice.model.firmware import CHUNK, Image
from sluice.model.readings import Origin, Reading, judge
from sluice.model.stations import Point, PointKind
from sluice.session.session import DeviceSession
from sluice.times import epoch, from_epoch
from sluice.wire.messages import Block, Done, GetTime, ImageActivate, ImageBegin, ImageChunk, ImageState, LogPage, ReadBlock, ReadLog, SetTime, Time, WriteBlock
from sluice.wire.registers import encode_value, same_words

LOG_PAGE = 50
Progress = Callable[[int, int], None]
"""Called with the bytes that the outstation holds and the bytes of the image; must not wait for anything."""


def read_points(session: DeviceSession, points: Sequence[Point], at: datetime) -> list[Reading]:
    """The values of points, asked for in as few blocks as possible, in the order of ``points``."""
    memory: dict[int, int] = {}
    for span in spans(points):
        block = session.request(ReadBlock(span.start, span.count), Block)
        if block.start != span.start or len(block.words) != span.count:
            raise MessageError(f"{session.station.name} sent other registers than those asked for")
        memory.update(memory_of(block.start, block.words))
    return [judge(session.station.name, point, at, value_of(point, memory)) for point in points]


def write_point(session: DeviceSession, point: Point, value: float) -> float:
    """Set a point and read it back; the value that the outstation holds now.

    Raises CommandError for a sensor or a value out of range, VerifyError when something else reads back.
    """
    if point.kind is not PointKind.SETTING:
        raise CommandError(f"{session.station.name}/{point.name} is a {point.kind.value}, it cannot be set")
    if not point.is_plausible(value):
        raise CommandError(f"{value:g} is out of range for {session.station.name}/{point.name}")
    words = encode_value(value, point.type, point.scale)
    session.request(WriteBlock(point.register, words), Done)
    block = session.request(ReadBlock(point.register, point.type.words), Block)
    if not same_words(block.words, words):
        raise VerifyError(f"{session.station.name}/{point.name} was set to {value:g} and reads back differently")
    return value_of(point, memory_of(block.start, block.words))


def read_log(session: DeviceSession, after: int, limit: int = 1000) -> tuple[list[Reading], int]:
    """Readings that the outstation has logged by itself behind an index, and the index of the last one.

    Only points of one word are logged; registers that no point has are skipped.
    """
    points = {point.register: point for point in session.station.points if point.type.words == 1}
    found: list[Reading] = []
    more = True
    while more and len(found) < limit:
        page = session.request(ReadLog(after, LOG_PAGE), LogPage)
        entries = page.entries()
        for index, seconds, register, word in entries:
            after = max(after, index)
            if register in points:
                value = value_of(points[register], {register: word})
                found.append(judge(session.station.name, points[register], from_epoch(seconds), value, Origin.LOG))
        more = bool(page.more) and bool(entries)
    return found, after


def read_clock(session: DeviceSession) -> datetime:
    return from_epoch(session.request(GetTime(), Time).seconds)


def set_clock(session: DeviceSession, now: datetime, tolerance: timedelta) -> timedelta:
    """Set the outstation's clock when it is off by more than ``tolerance``; how far it was ahead."""
    ahead = read_clock(session) - now
    if abs(ahead) > tolerance:
        session.request(SetTime(epoch(now)), Done)
    return ahead


def send_image(session: DeviceSession, image: Image, progress: Progress | None = None, chunk: int = CHUNK) -> int:
    """Send what the outstation does not have yet of an image; the bytes that were sent.

    A transfer that was broken off goes on where it was: the outstation says how much it holds.
    """
    if session.welcome.model != image.model:
        raise RolloutError(f"{session.station.name} is a {session.welcome.model}, the image is for {image.model}")
    size = len(image.data)
    held = session.request(ImageBegin(str(image.version), size, image.digest), ImageState).offset
    if not 0 <= held <= size:
        raise RolloutError(f"{session.station.name} says that it holds {held} of {size} bytes")
    sent = 0
    for offset, data in image.chunks(held, chunk):
        state = session.request(ImageChunk(offset, data), ImageState)
        if state.offset != offset + len(data):
            raise RolloutError(f"{session.station.name} holds {state.offset} bytes after {offset + len(data)} were sent")
        sent += len(data)
        if progress is not None:
            progress(state.offset, size)
    return sent


def activate_image(session: DeviceSession, image: Image) -> None:
    """Let the outstation start an image that it holds; it hangs up to do so, and the session is closed."""
    try:
        session.request(ImageActivate(str(image.version)), Done)
    except DeviceRefused as error:
        raise RolloutError(f"{session.station.name} does not start {image.name}: {error.text}") from None
    session.close()
