"""Receipts and the audit log in the admin: to be read, never to be edited."""

from __future__ import annotations

import json

from django.contrib import admin
from django.db.models import Model
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from evidence.models import AuditEntry, Receipt, ReceiptInput


class ReadOnlyAdmin(admin.ModelAdmin):
    """Browse only: nobody adds, changes or deletes, whatever their rights."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReceiptInputInline(admin.TabularInline):
    """The inputs of a receipt."""

    model = ReceiptInput
    fields = ("position", "name", "ref", "sha256")
    ordering = ("position",)
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


@admin.register(Receipt)
class ReceiptAdmin(ReadOnlyAdmin):
    """Frozen receipts."""

    list_display = ("short_id", "kind", "method", "version", "subject", "frozen_at", "erased_at")
    list_filter = ("kind", "method")
    search_fields = ("=id", "subject")
    ordering = ("-frozen_at", "-id")
    fields = ("id", "kind", "subject", "method", "version", "content", "frozen_at", "erased_at", "erased_by")
    readonly_fields = fields
    inlines = (ReceiptInputInline,)

    @admin.display(description=_("receipt"))
    def short_id(self, receipt: Receipt) -> str:
        return receipt.pk[:12]

    @admin.display(description=_("content"))
    def content(self, receipt: Receipt) -> SafeString:
        """The document, indented."""
        text = receipt.document and json.dumps(json.loads(receipt.document), indent=2, ensure_ascii=False)
        return format_html("<pre>{}</pre>", text or _("erased"))


@admin.register(AuditEntry)
class AuditEntryAdmin(ReadOnlyAdmin):
    """Who did what, when and why."""

    list_display = ("at", "actor", "action", "target", "label", "reason")
    list_filter = ("action",)
    search_fields = ("=actor", "target", "label")
    ordering = ("-id",)
    readonly_fields = ("at", "actor", "actor_id", "action", "target", "label", "changes", "reason", "erased_at")
