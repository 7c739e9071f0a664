from typing import Any

from django.contrib.auth.management.commands import changepassword

from portal.people.models import User
from portal.people.services import note_new_password


class Command(changepassword.Command):
    def handle(self, *args: Any, **options: Any) -> Any:
        """As Django's, and the person is told."""
        done = super().handle(*args, **options)
        note_new_password(User.objects.get_by_natural_key(options["username"]), by=None)
        return done
