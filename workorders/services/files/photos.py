"""Decodes photos and encodes them anew: upright, in sRGB, no larger than needed, and without
metadata.

What cannot be decoded is refused with a sentence.
"""

import datetime as dt
import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from typing import NamedTuple

from PIL import ExifTags, Image, ImageCms, ImageOps

try:
    import pillow_heif
except ImportError:  # not on every machine
    HEIC_FORMATS: tuple[str, ...] = ()
    ACCEPTED = "a JPEG, PNG or WebP photo, or a PDF"
else:
    pillow_heif.register_heif_opener()
    HEIC_FORMATS = ("HEIF",)
    ACCEPTED = "a JPEG, PNG, WebP or HEIC photo, or a PDF"

FORMATS = ("JPEG", "PNG", "WEBP", *HEIC_FORMATS)
LARGEST_BYTES = 10 * 2**20
LARGEST_PIXELS = 50_000_000
LARGEST_WEBP = 24_000_000  # pixels; its decoder holds each of them four times
LARGEST_CMYK = 40_000_000  # pixels; a progressive one takes eight more bytes for each
SIDE, SMALL_SIDE = 2048, 320  # pixels of the longer side, of the photo and of its thumbnail
STRIP = 4_000_000  # pixels shrunk at once
QUALITY = 85
HEIC_BRANDS = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")
SRGB = ImageCms.createProfile("sRGB")

# one photo at a time in a process, or four at once would take four times the memory
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
    if data[4:8] == b"ftyp" and data[8:12] in HEIC_BRANDS and not HEIC_FORMATS:
        raise NotAPicture(
            "This is a HEIC photo, which cannot be read here. Send a JPEG: on an iPhone, choose"
            " Most Compatible in Settings, Camera, Formats; on other phones, turn off HEIF or"
            " high-efficiency photos in the camera's settings."
        )
    try:
        return _decoder.submit(_read, data).result()
    except NotAPicture:
        raise
    except Exception as error:  # a damaged file may raise anything
        raise NotAPicture(f"This is not {ACCEPTED}, or it is damaged.") from error


def _read(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        _check_size(image)
        exif = image.getexif()
        taken_at, turned = _taken_at(exif), exif.get(ExifTags.Base.Orientation, 1)
        profile = image.info.get("icc_profile")
        small = _shrunk(image)
    upright = _upright(_in_srgb(_on_white(small), profile), turned)
    thumbnail = upright.copy()
    thumbnail.thumbnail((SMALL_SIDE, SMALL_SIDE), reducing_gap=2.0)
    return Picture(_jpeg(upright), _jpeg(thumbnail), upright.width, upright.height, taken_at)


def _check_size(image: Image.Image) -> None:
    pixels = image.width * image.height
    if pixels > LARGEST_PIXELS:
        raise NotAPicture("This photo has more than 50 megapixels. Send a smaller one.")
    if image.format == "WEBP" and pixels > LARGEST_WEBP:
        raise NotAPicture("This WebP photo has more than 24 megapixels. Send it as a JPEG.")
    if image.mode == "CMYK" and pixels > LARGEST_CMYK:
        raise NotAPicture("This photo has more than 40 megapixels for print. Send a smaller one.")


def _shrunk(image: Image.Image) -> Image.Image:
    """The image in 8 bits, its longer side at most SIDE pixels; no second copy at full size is
    made.
    """
    image.draft("RGB", (SIDE, SIDE))
    factor = max(1, max(image.size) // SIDE)
    small = _reduced(image, factor)
    small.thumbnail((SIDE, SIDE))
    if small.mode == "I":  # grey of 16 bits loses its last eight, and not its light
        return small.point(lambda value: value / 256).convert("L")
    return small


def _reduced(image: Image.Image, factor: int) -> Image.Image:
    """Strip by strip: Pillow copies what it shrinks where it is transparent."""
    image.load()
    mode = _mode_to_shrink(image)
    reduced = Image.new(mode, (-(-image.width // factor), -(-image.height // factor)))
    rows = factor * max(1, STRIP // (image.width * factor))
    for top in range(0, image.height, rows):
        strip = image.crop((0, top, image.width, min(top + rows, image.height)))
        reduced.paste(strip.convert(mode).reduce(factor), (0, top // factor))
    return reduced


def _mode_to_shrink(image: Image.Image) -> str:
    if image.mode.startswith("I"):
        return "I"
    if image.has_transparency_data:
        return "LA" if image.mode in ("L", "LA") else "RGBA"
    return {"1": "L", "P": "RGB"}.get(image.mode, image.mode)


def _on_white(image: Image.Image) -> Image.Image:
    if not image.has_transparency_data:
        return image
    mode = "L" if image.mode == "LA" else "RGB"
    white = Image.new(mode, image.size, "white")
    white.paste(image.convert(mode), mask=image.getchannel("A"))
    return white


def _in_srgb(image: Image.Image, profile: bytes | None) -> Image.Image:
    """In the colours that screens show; a profile that cannot be read is left aside."""
    if not profile or image.mode not in ("RGB", "L", "CMYK"):
        return image
    with suppress(ImageCms.PyCMSError, OSError, ValueError):
        known = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        found = ImageCms.profileToProfile(image, known, SRGB, outputMode="RGB")
        return found or image
    return image


def _upright(image: Image.Image, orientation: int) -> Image.Image:
    """The image turned upright, with nothing but pixels."""
    fresh = Image.new("RGB", image.size)
    fresh.paste(image.convert("RGB"))
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
