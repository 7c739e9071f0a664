"""Photos are decoded and written anew: what is beside the pixels never comes through, what is no
photo is refused.
"""

import datetime as dt
import io
import zlib

import pytest
from PIL import Image, ImageCms, PngImagePlugin

from workorders.services.files import photos
from workorders.services.files.photos import (
    LARGEST_BYTES,
    SIDE,
    SMALL_SIDE,
    NotAPicture,
    read_picture,
)

pytestmark = pytest.mark.once

SECRET = b"<script>alert('secret')</script><?php secret ?>"
ORIENTATION, DATE, MAKER, GPS = 0x0112, 0x0132, 0x010F, 0x8825


def photo(
    kind: str = "JPEG", size: tuple[int, int] = (80, 60), mode: str = "RGB", **options
) -> bytes:
    """Red on the left, blue on the right."""
    image = Image.new(mode, size, "red")
    image.paste("blue", (size[0] // 2, 0, *size))
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def without_palette() -> bytes:
    """A PNG of palette colours that has no palette."""
    written = io.BytesIO()
    Image.new("P", (20, 20)).save(written, "PNG")
    made = written.getvalue()
    start = made.index(b"PLTE") - 4
    return made[:start] + made[start + 12 + int.from_bytes(made[start : start + 4]) :]


def exif(**tags: object) -> Image.Exif:
    made = Image.Exif()
    made[MAKER] = SECRET.decode()
    made[DATE] = "2026:03:02 09:30:00"
    made.get_ifd(GPS).update({1: "N", 2: (37.0, 46.0, 30.0), 3: "W", 4: (122.0, 25.0, 10.0)})
    for tag, value in tags.items():
        made[int(tag.removeprefix("tag"), 16)] = value
    return made


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data), formats=["JPEG"])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_becomes_a_jpeg_with_its_thumbnail(kind):
    picture = read_picture(photo(kind, (800, 600)))
    assert opened(picture.data).size == (picture.width, picture.height) == (800, 600)
    assert opened(picture.thumbnail).size == (SMALL_SIDE, 240)


def test_a_large_photo_is_shrunk_and_a_small_one_left():
    assert read_picture(photo(size=(4000, 3000)))[2:4] == (SIDE, 1536)
    assert read_picture(photo(size=(10, 2400)))[2:4] == (9, SIDE)
    assert read_picture(photo(size=(1, 1)))[2:4] == (1, 1)


PNG_TEXT = PngImagePlugin.PngInfo()
PNG_TEXT.add_text("Comment", SECRET.decode())
IPTC = (
    b"\xff\xed"
    + (len(SECRET) + 28).to_bytes(2)
    + b"Photoshop 3.0\0"
    + b"8BIM\x04\x04\0\0\0\0\0\x30"
    + SECRET
)
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes() + SECRET


@pytest.mark.parametrize(
    "data",
    [
        photo() + SECRET,
        photo(comment=SECRET),
        photo(exif=exif()),
        photo(icc_profile=PROFILE),
        photo(xmp=SECRET),
        photo("PNG", pnginfo=PNG_TEXT),
        photo("PNG", exif=exif()),
        photo("WEBP", xmp=SECRET),
        photo("WEBP", exif=exif(), icc_profile=PROFILE),
        photo(
            "MPO", exif=exif(), save_all=True, append_images=[Image.new("RGB", (80, 60), "green")]
        ),
        photo()[:2] + IPTC + photo()[2:],
    ],
)
def test_nothing_but_pixels_comes_through(data):
    assert b"secret" in data
    picture = read_picture(data)
    for kept in (picture.data, picture.thumbnail):
        assert b"secret" not in kept
        assert (len(opened(kept).getexif()), set(opened(kept).info)) == (
            0,
            {"jfif", "jfif_version", "jfif_unit", "jfif_density"},
        )


@pytest.mark.parametrize(
    ("orientation", "size", "red_at"),
    [
        (1, (80, 60), (5, 30)),
        (3, (80, 60), (75, 30)),
        (6, (60, 80), (30, 5)),
        (8, (60, 80), (30, 75)),
    ],
)
def test_a_photo_is_turned_upright(orientation, size, red_at):
    picture = read_picture(photo(exif=exif(tag0112=orientation)))
    red, _, blue = opened(picture.data).getpixel(red_at)
    assert opened(picture.data).size == size
    assert red > 200
    assert blue < 60


def test_the_cameras_clock_is_kept_as_a_fact():
    assert read_picture(photo(exif=exif())).taken_at == dt.datetime(2026, 3, 2, 9, 30)  # noqa: DTZ001
    assert read_picture(photo()).taken_at is None
    assert read_picture(photo(exif=exif(tag0132="0000:00:00 00:00:00"))).taken_at is None


def test_what_is_see_through_becomes_white():
    image = Image.new("RGBA", (20, 20), (0, 0, 0, 0))
    written = io.BytesIO()
    image.save(written, "PNG")
    assert opened(read_picture(written.getvalue()).data).getpixel((10, 10)) == (255, 255, 255)


@pytest.mark.parametrize("mode", ["L", "P", "CMYK", "1"])
def test_every_kind_of_pixel_is_taken(mode):
    written = io.BytesIO()
    Image.new("RGB", (20, 20), "red").convert(mode).save(
        written, "JPEG" if mode in ("L", "CMYK") else "PNG"
    )
    assert read_picture(written.getvalue())[2:4] == (20, 20)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\0" * 100,
        SECRET,
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%PDF-1.7 " + SECRET,
        b"GIF89a" + SECRET,
        photo()[:-300],
        photo("PNG")[:100],
        without_palette(),
        photo("HEIF").replace(b"ispe" + bytes(4), b"ispe" + bytes(4) + b"\x3a"),
        photo("GIF"),
        photo("BMP"),
        photo("TIFF"),
    ],
)
def test_what_is_no_photo_is_refused(data):
    with pytest.raises(NotAPicture) as refused:
        read_picture(data)
    assert str(refused.value) == (
        "This is not a JPEG, PNG, WebP or HEIC photo, or a PDF, or it is damaged."
    )


def test_too_many_pixels_are_refused_before_they_are_decoded():
    with pytest.raises(NotAPicture, match="50 megapixels"):
        read_picture(photo("JPEG", (8_000, 6_251)))


def test_too_many_bytes_are_refused():
    with pytest.raises(NotAPicture, match="10 MB"):
        read_picture(photo() + b"\0" * LARGEST_BYTES)


def test_a_picture_that_says_it_is_larger_than_its_bytes_is_refused():
    """And one whose text unpacks to a hundred times its size."""
    header = b"IHDR" + (20_000).to_bytes(4) * 2 + b"\x08\x02\0\0\0"
    chunks = [header, b"IDAT" + zlib.compress(b"\0" * 1000), b"IEND"]
    lying = b"".join(len(c[4:]).to_bytes(4) + c + zlib.crc32(c).to_bytes(4) for c in chunks)
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", "a" * 80 * 2**20, zip=True)
    for data in (b"\x89PNG\r\n\x1a\n" + lying, photo("PNG", pnginfo=text)):
        with pytest.raises(NotAPicture):
            read_picture(data)


def test_a_heic_photo_is_told_how_to_send_where_none_can_be_read(monkeypatch):
    monkeypatch.setattr(photos, "HEIC_FORMATS", ())
    with pytest.raises(NotAPicture, match="Most Compatible"):
        read_picture(photo("HEIF"))


def test_the_first_picture_of_several_is_kept():
    frames = [Image.new("RGB", (20, 20), color) for color in ("red", "blue")]
    written = io.BytesIO()
    frames[0].save(written, "WEBP", save_all=True, append_images=frames[1:], lossless=True)
    red, _, blue = opened(read_picture(written.getvalue()).data).getpixel((10, 10))
    assert red > 200
    assert blue < 60
