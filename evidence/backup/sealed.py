"""A stream sealed with a passphrase: scrypt for the key, AES-256-GCM for each frame, a mark on the last one.

Layout: magic, 16 bytes of salt, then frames of 4 bytes length, 1 byte flag (1: last) and the sealed bytes. The nonce is
the frame's number and the flag is authenticated, so that frames can be neither swapped nor cut off unseen.
"""

from __future__ import annotations

import hashlib
import io
import os
import struct
from typing import BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from evidence.backup.errors import BackupError

MAGIC = b"ATTEST-BACKUP-1\n"
_FRAME = 1 << 20
_HEAD = struct.Struct(">IB")
_SCRYPT = {"n": 2**15, "r": 8, "p": 1, "maxmem": 64 * 1024 * 1024, "dklen": 32}


def _cipher(passphrase: str, salt: bytes) -> AESGCM:
    if len(passphrase) < 12:
        raise BackupError("the passphrase is shorter than 12 characters")
    return AESGCM(hashlib.scrypt(passphrase.encode(), salt=salt, **_SCRYPT))


def _nonce(number: int) -> bytes:
    return number.to_bytes(12)


class Sealer(io.RawIOBase):
    """A writable stream whose bytes arrive sealed in ``target``."""

    def __init__(self, target: BinaryIO, passphrase: str) -> None:
        salt = os.urandom(16)
        self._cipher = _cipher(passphrase, salt)
        self._target = target
        self._waiting = bytearray()
        self._number = 0
        target.write(MAGIC + salt)

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]  # a narrower argument than any buffer
        self._waiting += data
        while len(self._waiting) > _FRAME:
            self._seal(bytes(self._waiting[:_FRAME]), last=False)
            del self._waiting[:_FRAME]
        return len(data)

    def finish(self) -> None:
        """Write the last frame; without it a reader refuses the stream."""
        self._seal(bytes(self._waiting), last=True)
        self._waiting.clear()

    def _seal(self, data: bytes, *, last: bool) -> None:
        flag = bytes([last])
        sealed = self._cipher.encrypt(_nonce(self._number), data, flag)
        self._target.write(_HEAD.pack(len(sealed), last) + sealed)
        self._number += 1


class Opener(io.RawIOBase):
    """A readable stream over a sealed one. Raises BackupError for a wrong passphrase and for damage of any kind."""

    def __init__(self, source: BinaryIO, passphrase: str) -> None:
        if source.read(len(MAGIC)) != MAGIC:
            raise BackupError("this file is no backup made by Attest")
        self._cipher = _cipher(passphrase, source.read(16))
        self._source = source
        self._ready = b""
        self._number = 0
        self._ended = False

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1) -> bytes:
        """Return ``size`` opened bytes, fewer only at the end."""
        parts, length = [], 0
        while (size < 0 or length < size) and (self._ready or self._next_frame()):
            piece = self._ready if size < 0 else self._ready[: size - length]
            self._ready = self._ready[len(piece) :]
            parts.append(piece)
            length += len(piece)
        return b"".join(parts)

    def _next_frame(self) -> bool:
        if self._ended:
            return False
        head = self._source.read(_HEAD.size)
        if len(head) < _HEAD.size:
            raise BackupError("the backup is cut off; take another copy of it")
        length, flag = _HEAD.unpack(head)
        if length > _FRAME + 64:
            raise BackupError("the backup is damaged")
        try:
            self._ready = self._cipher.decrypt(_nonce(self._number), self._source.read(length), bytes([flag]))
        except InvalidTag:
            why = "the passphrase is wrong, or the backup is damaged" if self._number == 0 else "the backup is damaged"
            raise BackupError(why) from None
        self._number += 1
        self._ended = bool(flag)
        return bool(self._ready) or not self._ended
