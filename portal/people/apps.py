from django.apps import AppConfig
from django.contrib.auth.signals import user_logged_in, user_login_failed
from django.db.models.signals import post_migrate


class PeopleConfig(AppConfig):
    name = "portal.people"
    verbose_name = "Partners and people"

    def ready(self) -> None:
        from allauth.mfa.signals import authentication_failed

        from portal.people.logins import note_failed_login, note_login, note_wrong_factor
        from portal.people.sessions import begin_session
        from portal.steady_cache import make_table_after_migrate

        user_logged_in.connect(begin_session)
        user_logged_in.connect(note_login)
        user_login_failed.connect(note_failed_login)
        authentication_failed.connect(note_wrong_factor)
        post_migrate.connect(make_table_after_migrate, sender=self)
