"""What others call here."""

from django.urls import path

from analysis.rest import webhooks

urlpatterns = [
    path("webhooks/github", webhooks.github, name="webhook-github"),
    path("webhooks/github/", webhooks.github),
]
