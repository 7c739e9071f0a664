"""`{% lucide "zap" size=18 %}`: an icon is drawn once, however often pages show it."""

import functools

from django import template
from django.utils.safestring import SafeString
from lucide.templatetags import lucide as icons

register = template.Library()


@register.simple_tag
@functools.lru_cache(500)
def lucide(name: str, *, size: int = 24, **attributes: str) -> SafeString:
    return SafeString(icons.lucide(name, size=size, **attributes))
