"""Giving a fleet new firmware, wave by wave."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

from sluice.errors import RolloutError, SluiceError
from sluice.model.firmware import Image, needs
from sluice.model.waves import Plan, Step, is_halted, open_wave, plan, summary
from sluice.services.desk import StationDesk
from sluice.services.events import EventBus, RolloutMoved
from sluice.session.operations import activate_image, send_image
from sluice.stores.audit import AuditTrail
from sluice.stores.images import ImageStore
from sluice.stores.state import StateStore


class Rollout:
    """A wave begins when the one before is over; a rollout that was broken off goes on where it was."""

    def __init__(self, desk: StationDesk, images: ImageStore, state: StateStore, audit: AuditTrail, bus: EventBus, parallel: int) -> None:
        self._desk = desk
        self._images = images
        self._state = state
        self._audit = audit
        self._bus = bus
        self._parallel = parallel

    def start(self, image: str, stations: Sequence[str], sizes: Sequence[int] = (1, 5), tolerated: int = 0, who: str = "operator") -> Plan:
        """Make a plan and keep it; nothing is sent yet."""
        self._images.load(image)
        found = plan(image, [self._desk.fleet.station(name).name for name in stations], sizes, tolerated)
        self._state.save_plan(found)
        self._audit.record(who, "rollout", f"{image} to {len(found.stations)} stations in {len(found.waves)} waves")
        return found

    def run(self, image: str) -> dict[str, int]:
        """Send to all waves that are left, unless too many fail; how many stations are at each step.

        A step is kept before it is told. A station on its way when this is broken off stays at ``sending``.
        """
        loaded = self._images.load(image)
        found = self._state.plan(image)
        steps = self._state.steps(image)
        while wave := open_wave(found, steps):
            self._run_wave(loaded, wave)
            steps = self._state.steps(image)
        if is_halted(found, steps):
            self._audit.record("gateway", "rollout", f"{image} halted")
        return summary(found, steps)

    def retry(self, image: str, who: str) -> list[str]:
        """Let failed stations be tried again by the next run; which."""
        failed = [name for name, step in self._state.steps(image).items() if step is Step.FAILED]
        if not failed:
            raise RolloutError(f"no station has failed in the rollout of {image}")
        for name in failed:
            self._move(image, name, Step.WAITING)
        self._audit.record(who, "retry", f"{image}: {', '.join(failed)}")
        return failed

    def _run_wave(self, image: Image, wave: Sequence[str]) -> None:
        with ThreadPoolExecutor(max_workers=max(1, self._parallel), thread_name_prefix="rollout") as workers:
            list(workers.map(lambda name: self._update(image, name), wave))

    def _update(self, image: Image, name: str) -> None:
        self._move(image.name, name, Step.SENDING)
        try:
            step = self._send(image, name)
        except SluiceError as error:
            self._audit.record("gateway", "rollout", f"{name} failed: {error}")
            step = Step.FAILED
        self._move(image.name, name, step)

    def _send(self, image: Image, name: str) -> Step:
        with self._desk.session(name) as session:
            if not needs(session.firmware, image.version):
                return Step.SKIPPED
            send_image(session, image)
            activate_image(session, image)
        return Step.DONE

    def _move(self, image: str, name: str, step: Step) -> None:
        self._state.save_step(image, name, step)
        self._bus.emit(RolloutMoved(image, name, step))
