"""Messages sent, waiting and given up.

Bodies are not shown, because they hold links that let people in.
"""

from collections.abc import Iterable
from typing import Any, cast

from django.contrib import admin
from django.contrib.auth.models import PermissionsMixin
from django.http import HttpRequest

from portal.outbox.models import Message, MessageQuerySet, State
from portal.outbox.services import try_again


class StateFilter(admin.SimpleListFilter):
    title = "state"
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> Iterable[tuple[str, str]]:
        return State.choices

    def queryset(self, request: HttpRequest, queryset: Any) -> MessageQuerySet:
        state = self.value()
        messages: MessageQuerySet = queryset
        return messages.in_state(State(state)) if state in State.values else messages


@admin.register(Message)
class MessageAdmin(admin.ModelAdmin[Message]):
    list_display = ["subject", "to", "shown_state", "created_at", "attempts", "sent_at"]
    list_filter = [StateFilter]
    search_fields = ["to", "subject"]
    fields = (
        "subject",
        "to",
        "shown_state",
        "created_at",
        "attempts",
        "due_at",
        "sent_at",
        "error",
    )
    readonly_fields = fields
    actions = ["try_again"]
    show_full_result_count = False

    @admin.display(description="state")
    def shown_state(self, message: Message) -> str:
        return message.state.label

    @admin.action(description="Try again now", permissions=["try_again"])
    def try_again(self, request: HttpRequest, queryset: MessageQuerySet) -> None:
        count = try_again(queryset, by=cast(PermissionsMixin, request.user))
        self.message_user(request, f"Unsent messages tried again now: {count}.")

    def has_try_again_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("outbox.change_message")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Message | None = None) -> bool:
        return False
