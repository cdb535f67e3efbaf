"""The pages of second factor and confirmation, beside the admin."""

from django.urls import path

from config.access import confirm, export, second_factor

urlpatterns = [
    path("second-factor/", second_factor.give, name="second-factor"),
    path("second-factor/set-up/", second_factor.set_up, name="second-factor-set-up"),
    path("confirm/", confirm.confirm, name="confirm-identity"),
    path("export/", export.export, name="export"),
]
