from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in


class PeopleConfig(AppConfig):
    name = "portal.people"
    verbose_name = "Partners and people"

    def ready(self) -> None:
        from portal.people.sessions import begin_session

        user_logged_in.connect(begin_session)
