"""The owner's photo: a small square without metadata, shown once it is published; what is no picture is refused."""

import io
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from PIL import Image

from portfolio import services
from portfolio.models import Portrait, Profile
from portfolio.publishing import portraits
from tests.integration.portfolio.conftest import Site


def picture(kind: str = "JPEG", size: tuple[int, int] = (640, 400), **more: Any) -> bytes:
    """A made-up picture: red above, blue below."""
    image = Image.new("RGB", size, "red")
    image.paste("blue", (0, size[1] // 2, *size))
    kept = io.BytesIO()
    image.save(kept, kind, **more)
    return kept.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_picture_becomes_a_small_square(kind: str) -> None:
    made = portraits.square(picture(kind))
    assert (opened(made).format, opened(made).size) == ("JPEG", (portraits.SIDE, portraits.SIDE))
    assert len(made) < 60_000


def test_what_the_camera_wrote_is_not_kept_and_upright_is_up() -> None:
    exif = Image.Exif()
    exif[0x0112] = 3  # taken upside down
    exif[0x010F] = "Made-up camera"
    made = portraits.square(picture(exif=exif))
    assert b"Made-up camera" not in made and not opened(made).getexif()
    red, _, blue = opened(made).convert("RGB").getpixel((160, 40))  # type: ignore[misc]  # of three bands
    assert blue > red, "what was below is above"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"GIF89a" + b"\x00" * 40,
        picture()[:200],
        b"\xff\xd8\xff" * 99,
    ],
)
def test_what_is_no_picture_is_refused(data: bytes) -> None:
    with pytest.raises(portraits.NoPicture, match="no picture that can be read"):
        portraits.square(data)


def test_a_bomb_is_refused_before_it_is_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(portraits, "LARGEST_PIXELS", 100_000)
    with pytest.raises(portraits.NoPicture, match="pixels"):
        portraits.square(picture())
    monkeypatch.setattr(portraits, "LARGEST_BYTES", 100)
    with pytest.raises(portraits.NoPicture, match="MB"):
        portraits.square(picture())


def test_the_owner_chooses_publishes_and_takes_away(client: Client, site: Site) -> None:
    client.force_login(site.owner)
    profile = Profile.objects.get()
    address = f"/admin/portfolio/profile/{profile.pk}/change/"
    fields = {"name": "Ada Example", "role": "Engineer", "since": 2014, "place": "", "statement": "", "outcomes": "",
              "links": ""}  # fmt: skip
    refused = client.post(address, {**fields, "photo": SimpleUploadedFile("me.jpg", b"not one")})
    assert "no picture that can be read" in refused.content.decode()
    assert client.post(address, {**fields, "photo": SimpleUploadedFile("me.png", picture("PNG"))}).status_code == 302
    kept = Portrait.objects.get()
    shown = f"/portrait/{kept.pk}.jpg"
    assert client.get(shown).status_code == 404, "nothing is shown before it is published"
    profile.refresh_from_db()
    services.publish_profile(profile=profile, actor=site.owner)
    services.queries.forget_profile()
    assert f'src="{shown}"' in client.get("/").content.decode()
    answer = client.get(shown)
    assert (answer["Content-Type"], answer.content) == ("image/jpeg", bytes(kept.jpeg))
    assert client.get("/resume/resume.json").json()["basics"]["image"].endswith(shown)
    client.post(address, {**fields, "without_photo": "on"})
    profile.refresh_from_db()
    assert profile.portrait is None
    assert client.get(shown).status_code == 200, "what was published stays until the next publication"
