"""Photos and PDFs as phones, carriers and scanners make them, and what happens to each: taken
upright and in the colours they had, or refused with a sentence.
"""

import io
import itertools
import re

import pytest
from PIL import Image, ImageCms

from tests.pdfs import OBJECTS, pdf
from workorders.services.files.pdfs import NotAPDF, is_pdf, read_pdf
from workorders.services.files.photos import SIDE, NotAPicture, read_picture

pytestmark = pytest.mark.once

ORIENTATION = 0x0112
RED, BLUE = (200, 30, 30), (30, 30, 200)


def saved(image: Image.Image, kind: str, **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def red_and_blue(mode: str = "RGB", size: tuple[int, int] = (160, 120)) -> Image.Image:
    image = Image.new("RGB", size, RED)
    image.paste(BLUE, (size[0] // 2, 0, *size))
    return image.convert(mode)


def turned(kind: str, orientation: int) -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    image = red_and_blue()
    image.info["exif"] = exif.tobytes()  # a HEIC says it in two places
    return saved(image, kind, exif=exif) if kind != "HEIF" else saved(image, kind)


def colours(picture) -> set[str]:
    """What is seen at the middle of each half."""
    image = Image.open(io.BytesIO(picture.data)).convert("RGB")
    middle = image.width // 2, image.height // 2
    ends = [(middle[0] // 2, middle[1]), (image.width - middle[0] // 2, middle[1])]
    ends += [(middle[0], middle[1] // 2), (middle[0], image.height - middle[1] // 2)]
    return {
        "red" if r > b + 80 else "blue" if b > r + 80 else "grey"
        for r, _, b in map(image.getpixel, ends)
    }


SIZES = [(64, 48), (48, 64), (1, 1), (3, 200), (2049, 2047), (4096, 100), (4200, 600)]
KINDS = ["JPEG", "PNG", "WEBP", "HEIF"]
SLOW = {"HEIF"}  # to encode: small ones do
MODES = {
    "JPEG": ["RGB", "L", "CMYK"],
    "PNG": ["RGB", "RGBA", "L", "LA", "P", "1", "I;16"],
    "WEBP": ["RGB", "RGBA"],
    "HEIF": ["RGB", "RGBA", "L"],
}
GREY = {"L", "LA", "1", "I;16"}


@pytest.mark.parametrize(
    ("kind", "size"),
    [(kind, size) for kind in KINDS for size in SIZES[: 4 if kind in SLOW else None]],
)
def test_every_size_is_taken(kind, size):
    picture = read_picture(saved(red_and_blue(size=size), kind))
    shrunk = min(1, SIDE / max(size))
    assert (picture.width, picture.height) == pytest.approx(
        tuple(max(1, side * shrunk) for side in size), abs=1
    )


@pytest.mark.parametrize(
    ("kind", "mode", "size"),
    [
        (kind, mode, size)
        for kind, modes in MODES.items()
        for mode in modes
        for size in ((160, 120), (4200, 800))[: 1 if kind in SLOW else None]
    ],
)
def test_every_kind_of_pixel_keeps_its_colours(kind, mode, size):
    image = red_and_blue("L", size).convert("I;16") if mode == "I;16" else red_and_blue(mode, size)
    if mode == "I;16":
        image = image.convert("I").point(lambda value: value * 257).convert("I;16")
    picture = read_picture(saved(image, kind))
    found = colours(picture) - {"grey"}
    assert found == (set() if mode in GREY else {"red", "blue"})
    if mode == "I;16":
        grey = Image.open(io.BytesIO(picture.data)).convert("L")
        assert 40 < grey.getpixel((10, 10)) < 120


@pytest.mark.parametrize(
    ("kind", "turn"), list(itertools.product(["JPEG", "PNG", "HEIF"], range(1, 9)))
)
def test_every_turn_of_the_camera_is_upright(kind, turn):
    picture = read_picture(turned(kind, turn))
    assert ((picture.width < picture.height), len(colours(picture) - {"grey"})) == (turn > 4, 2)


def test_a_profile_is_followed_and_a_damaged_one_left_aside():
    """In this profile red is written as blue and blue as red."""
    swapped = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    swapped = swapped.replace(b"rXYZ", b"????").replace(b"bXYZ", b"rXYZ").replace(b"????", b"bXYZ")
    ends = {}
    for name, kind, mode, profile in [
        ("none", "JPEG", "RGB", b""),
        ("swapped", "JPEG", "RGB", swapped),
        ("see-through", "PNG", "RGBA", swapped),
        ("damaged", "JPEG", "RGB", swapped[:200]),
    ]:
        data = saved(red_and_blue(mode), kind, icc_profile=profile)
        image = Image.open(io.BytesIO(read_picture(data).data))
        red, _, blue = image.getpixel((20, 60))
        ends[name] = "red" if red > blue else "blue"
    assert ends == {"none": "red", "swapped": "blue", "see-through": "blue", "damaged": "red"}


def test_grey_of_16_bits_stays_grey_where_one_shade_of_it_is_see_through():
    grey = Image.new("I;16", (20, 20), 0x8000)
    picture = read_picture(saved(grey, "PNG", transparency=0))
    assert Image.open(io.BytesIO(picture.data)).getpixel((10, 10)) == (128, 128, 128)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("kept", [0.1, 0.5, 0.9])
def test_half_a_photo_is_refused(kind, kept):
    whole = saved(Image.effect_noise((200, 150), 80).convert("RGB"), kind)
    with pytest.raises(NotAPicture, match="or it is damaged"):
        read_picture(whole[: int(len(whole) * kept)])


# --- PDFs

UPDATED = pdf() + OBJECTS + pdf()[9 + len(OBJECTS) :]
TAKEN = {
    "plain": pdf(),
    "of 1996": pdf(version=b"1.2"),
    "2.0": pdf(version=b"2.0"),
    "xref stream": pdf(as_stream=True),
    "with an update": UPDATED,
    "no newline at the end": pdf().rstrip(),
    "zeros at the end": pdf() + b"\0" * 900,
    "Windows line ends": pdf().replace(b"\n", b"\r\n"),
    "says Encrypt on a page": pdf(body=OBJECTS + b"4 0 obj\n(/Encrypt)\nendobj\n"),
    "a mark before it": b"\xef\xbb\xbf" + pdf(),
    "a scanner's banner before it": b"@PJL ENTER LANGUAGE=PDF\r\n" + pdf(),
    "blank lines before it": b"\n\n  " + pdf(),
}
REFUSED = {
    "half": (pdf()[:-40], "its end is missing"),
    "a tenth": (pdf(body=OBJECTS * 20)[:300], "its end is missing"),
    "the header alone": (b"%PDF-1.7\n", "its end is missing"),
    "a page of an error instead": (b"%PDF-1.4\n<html>503</html>", "its end is missing"),
    "no object": (b"%PDF-1.4\nstartxref\n0\n%%EOF", "its end is missing"),
    "encrypted": (pdf(b" /Encrypt 5 0 R"), "encrypted"),
    "encrypted, xref stream": (pdf(b" /Encrypt 5 0 R", as_stream=True), "encrypted"),
    "encrypted, after a banner": (b"banner\n" + pdf(b" /Encrypt 5 0 R"), "encrypted"),
    "encrypted, wrong offset": (
        re.sub(rb"startxref\n\d+", b"startxref\n7", pdf(b" /Encrypt 5 0 R")),
        "encrypted",
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_whole_pdf_is_taken_from_its_header_on(name):
    assert is_pdf(TAKEN[name])
    assert read_pdf(TAKEN[name]).startswith(b"%PDF-")


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_read_as_a_pdf_is_refused(name):
    data, sentence = REFUSED[name]
    assert is_pdf(data)
    with pytest.raises(NotAPDF, match=sentence):
        read_pdf(data)


@pytest.mark.parametrize("data", [b"", b"PDF", b"%PDF-", b"\0" * 1100 + pdf(), b"\xff\xd8" + pdf()])
def test_what_says_nothing_of_a_pdf_is_none(data):
    assert not is_pdf(data)
