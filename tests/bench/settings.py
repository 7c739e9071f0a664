"""The portal beside pages that others would write of the same rows."""

from portal.settings import *  # noqa: F403
from portal.settings import BASE_DIR, INSTALLED_APPS, STORAGES, TEMPLATES

INSTALLED_APPS = [*INSTALLED_APPS, "django_filters", "django_tables2"]
ROOT_URLCONF = "tests.bench.reference_pages"
TEMPLATES[0]["DIRS"].append(BASE_DIR / "tests/bench/templates")
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
