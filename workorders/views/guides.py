"""The guides of docs/guides as pages: what partners, staff and operators do in the portal."""

from functools import cache
from pathlib import Path
from typing import NamedTuple

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import slugify
from markdown_it import MarkdownIt
from markdown_it.token import Token
from PIL import Image

from portal.people.models import User
from portal.people.requests import Request
from workorders.views.answers import list_view

FOLDER = Path(settings.BASE_DIR) / "docs/guides"
GUIDES = {
    "partners": "For partners",
    "technicians": "For technicians",
    "staff": "For staff",
    "operators": "For operators",
}


class Guide(NamedTuple):
    chapters: list[tuple[str, str]]  # anchor and heading
    text: SafeString


@list_view
def guide(request: Request, name: str = "") -> HttpResponse:
    """The guide of this name, or the one that is meant for this person."""
    name = name or _meant_for(request.user)
    guides = [(label, reverse(f"help-{each}"), each == name) for each, label in GUIDES.items()]
    return render(request, "guide.html", {"guide": guide_named(name), "guides": guides})


def _meant_for(user: User) -> str:
    if user.is_staff:
        return "staff"
    return "technicians" if user.is_technician else "partners"


@cache
def guide_named(name: str) -> Guide:
    """Our own text: nobody else writes what is shown as it stands."""
    markdown = MarkdownIt("commonmark").enable("table")
    tokens = markdown.parse((FOLDER / f"{name}.md").read_text())
    chapters = []
    for place, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h2":
            heading = tokens[place + 1].content
            token.attrSet("id", slugify(heading))
            chapters.append((slugify(heading), heading))
        for child in token.children or []:
            if child.type == "image":
                _show(child)
    text = markdown.renderer.render(tokens, markdown.options, {})
    return Guide(chapters, mark_safe(text))  # noqa: S308


def _show(picture: Token) -> None:
    path = str(picture.attrs["src"])
    with Image.open(FOLDER / path) as image:
        width, height = image.size
    picture.attrs |= {"src": static(f"guides/{Path(path).name}"), "loading": "lazy"}
    picture.attrs |= {"width": width, "height": height}
