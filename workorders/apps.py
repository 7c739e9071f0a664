from django.apps import AppConfig
from django.core.checks import Tags, register
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class WorkOrdersConfig(AppConfig):
    name = "workorders"
    verbose_name = "Work orders"

    def ready(self) -> None:
        from portal.checks import limits_are_set, squashed_migrations_are_complete
        from portal.people.backend import Backend
        from workorders.models import append_only, letters, notifications
        from workorders.services import waiting
        from workorders.targets import checks

        Backend.columns["unread"] = notifications.unread_of_person
        register(squashed_migrations_are_complete, Tags.database)
        register(limits_are_set, Tags.database)
        register(checks.places_are_known, Tags.database)
        connection_created.connect(letters.let_sqlite_know)
        post_migrate.connect(append_only.install_after_migrate, sender=self)
        post_migrate.connect(waiting.keep_waits_after_migrate, sender=self)
