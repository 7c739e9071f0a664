"""Decodes photos and encodes them anew: upright, no larger than needed, and without metadata.

What cannot be decoded is refused with a sentence.
"""

import datetime as dt
import io
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from PIL import ExifTags, Image, ImageOps

FORMATS = ("JPEG", "PNG", "WEBP")
LARGEST_BYTES = 10 * 2**20
LARGEST_PIXELS = 24_000_000
SIDE, SMALL_SIDE = 2048, 320  # pixels of the longer side, of the photo and of its thumbnail
QUALITY = 85
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"mif1", b"msf1")

# one photo at a time in a process: four at once would take 280 MiB
_decoder = ThreadPoolExecutor(1, "decoder")


class NotAPicture(Exception):
    """The photo is refused; the message tells the user why."""


class Picture(NamedTuple):
    """A JPEG with its thumbnail, its size in pixels, and when it was taken."""

    data: bytes
    thumbnail: bytes
    width: int
    height: int
    taken_at: dt.datetime | None  # by the camera's clock, which knows no time zone


def read_picture(data: bytes) -> Picture:
    """Decode a photo and encode only its pixels. Raises NotAPicture."""
    if len(data) > LARGEST_BYTES:
        raise NotAPicture("This photo is larger than 10 MB.")
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS:
        raise NotAPicture(
            "This is a HEIC photo. Send a JPEG instead: on an iPhone, choose Most Compatible in"
            " Settings, Camera, Formats."
        )
    try:
        return _decoder.submit(_read, data).result()
    except (OSError, SyntaxError, ValueError, EOFError, Image.DecompressionBombError) as error:
        raise NotAPicture("This is not a JPEG, PNG or WebP photo, or it is damaged.") from error


def _read(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if image.width * image.height > LARGEST_PIXELS:
            raise NotAPicture("This photo has more than 24 megapixels.")
        taken_at = _taken_at(image.getexif())
        turned = image.getexif().get(ExifTags.Base.Orientation, 1)
        image.thumbnail((SIDE, SIDE), reducing_gap=2.0)
        upright = _upright(image, turned)
    small = upright.copy()
    small.thumbnail((SMALL_SIDE, SMALL_SIDE), reducing_gap=2.0)
    return Picture(_jpeg(upright), _jpeg(small), upright.width, upright.height, taken_at)


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    """The image turned upright, on white where it was transparent, and with nothing but pixels."""
    image = image.convert("RGBA") if image.has_transparency_data else image.convert("RGB")
    fresh = Image.new("RGB", image.size, "white")
    fresh.paste(image, mask=image if image.mode == "RGBA" else None)
    fresh.getexif()[ExifTags.Base.Orientation] = orientation
    turned = ImageOps.exif_transpose(fresh)
    turned.info.clear()
    return turned


def _jpeg(image: Image.Image) -> bytes:
    written = io.BytesIO()
    image.save(written, "JPEG", quality=QUALITY)
    return written.getvalue()


def _taken_at(exif: Image.Exif) -> dt.datetime | None:
    detail = exif.get_ifd(ExifTags.IFD.Exif)
    text = detail.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime)
    try:
        return dt.datetime.strptime(str(text).strip("\0 "), "%Y:%m:%d %H:%M:%S")  # noqa: DTZ007
    except ValueError:
        return None
