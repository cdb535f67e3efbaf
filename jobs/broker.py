"""The filesystem broker of the embedded default, made safe for several processes.

kombu's own transport writes a message in place, where a reader may find half of it, and moves it through the system's
temporary folder. Here a message appears whole (written aside, then renamed) and is taken by a rename that only one
reader can win. A worker killed in between loses the hint, and the reaper sends it again.
"""

from __future__ import annotations

import json
import time
import uuid
from pathlib import Path
from queue import Empty
from typing import Any

from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem


class Channel(filesystem.Channel):
    """A channel whose messages are whole files."""

    def _put(  # type: ignore[override]  # the two base classes name the argument differently
        self, queue: str, payload: dict[str, Any], **_ignored: Any
    ) -> None:
        folder = Path(self.data_folder_out)
        name = f"{time.time_ns():020d}_{uuid.uuid4().hex}.{queue}.msg"
        aside = folder / f"{name}.part"
        try:
            aside.write_text(json.dumps(payload))
            aside.rename(folder / name)
        except OSError as error:
            raise ChannelError(f"cannot write a message into {folder}: {error}") from error

    def _get(self, queue: str, timeout: float | None = None) -> Any:
        folder = Path(self.data_folder_in)
        for path in sorted(folder.glob(f"*.{queue}.msg")):
            taken = path.with_suffix(".taken")
            try:
                path.rename(taken)
                text = taken.read_text()
                taken.unlink()
            except OSError:
                continue  # another process was faster
            return json.loads(text)
        raise Empty

    def _size(self, queue: str) -> int:
        return sum(1 for _path in Path(self.data_folder_in).glob(f"*.{queue}.msg"))

    def _purge(self, queue: str) -> int:
        count = 0
        for path in Path(self.data_folder_in).glob(f"*.{queue}.msg"):
            path.unlink(missing_ok=True)
            count += 1
        return count


class Transport(filesystem.Transport):
    """kombu's filesystem transport with the safe channel."""

    Channel = Channel


def install() -> None:
    """Let broker URLs that begin with ``filesystem://`` use this transport."""
    TRANSPORT_ALIASES["filesystem"] = "jobs.broker:Transport"


def options(folder: Path) -> dict[str, Any]:
    """Return Celery's broker transport options for messages kept under ``folder``, which is created."""
    messages, control = folder / "messages", folder / "control"
    for path in (messages, control):
        path.mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(messages),
        "data_folder_out": str(messages),
        "control_folder": str(control),
        "polling_interval": 0.2,
    }
