"""The owner's photo as the site keeps it: a small square JPEG that holds the picture and nothing else."""

from __future__ import annotations

import io

LARGEST_BYTES = 10_000_000
LARGEST_PIXELS = 50_000_000  # what a camera takes; beyond it, a small file may be a bomb
SIDE = 320
KINDS = ("JPEG", "PNG", "WEBP")


class NoPicture(ValueError):
    """The bytes are no picture that is taken; the message says why, and what is."""


def square(data: bytes) -> bytes:
    """The middle of a picture, upright, `SIDE` pixels wide, as JPEG. Place, camera and time of it are not kept."""
    from PIL import Image, ImageOps, UnidentifiedImageError  # half a second that no other page needs

    if len(data) > LARGEST_BYTES:
        raise NoPicture(f"The file is over {LARGEST_BYTES // 1_000_000} MB. Save it smaller, and choose it again.")
    try:
        with Image.open(io.BytesIO(data), formats=KINDS) as picture:
            if picture.width * picture.height > LARGEST_PIXELS:
                raise NoPicture(f"The picture has over {LARGEST_PIXELS // 1_000_000} million pixels. Save it smaller.")
            upright = ImageOps.exif_transpose(picture).convert("RGBA")
    except (UnidentifiedImageError, OSError, SyntaxError, Image.DecompressionBombError) as error:
        raise NoPicture("This is no picture that can be read. Choose a JPEG, PNG or WebP file.") from error
    small = ImageOps.fit(upright, (SIDE, SIDE), Image.Resampling.LANCZOS)
    plain = Image.new("RGB", small.size, "white")
    plain.paste(small, mask=small.getchannel("A"))
    kept = io.BytesIO()
    plain.save(kept, "JPEG", quality=85, optimize=True)
    return kept.getvalue()
