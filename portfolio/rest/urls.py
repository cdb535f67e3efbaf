"""Every address of /api/v1/."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from portfolio.rest import assumption_resources as assumptions
from portfolio.rest import copy_resources as copies
from portfolio.rest import draft_resources as drafts
from portfolio.rest import evidence_resources as evidence
from portfolio.rest import machine_resources as machine
from portfolio.rest import outcome_resources as outcomes
from portfolio.rest import reading_resources as reading
from portfolio.rest import routing_resources as routing
from portfolio.rest import schedule_resources as schedules
from portfolio.rest import status
from portfolio.rest import switch_resources as switches
from portfolio.rest import text_resources as texts
from portfolio.rest import work_resources as work
from portfolio.rest.views import NotHereView

router = SimpleRouter(trailing_slash=True)
router.register("repositories", evidence.RepositoryViewSet, "api-repository")
router.register("collections", evidence.CollectionViewSet, "api-collection")
router.register("changes", evidence.ChangeViewSet, "api-change")
router.register("achievements", outcomes.AchievementViewSet, "api-achievement")
router.register("reports", outcomes.ReportViewSet, "api-report")
router.register("report-schedules", schedules.ReportScheduleViewSet, "api-report-schedule")
router.register("report-deliveries", outcomes.ReportDeliveryViewSet, "api-report-delivery")
router.register("text-drafts", drafts.TextDraftViewSet, "api-text-draft")
router.register("receipts", work.ReceiptViewSet, "api-receipt")
router.register("jobs", work.JobViewSet, "api-job")
router.register("claims", reading.ClaimViewSet, "api-claim")
router.register("types", reading.ChangeTypeViewSet, "api-type")
router.register("estimates", reading.EstimateViewSet, "api-estimate")
router.register("assumptions", assumptions.AssumptionViewSet, "api-assumption")
router.register("case-studies", texts.CaseStudyViewSet, "api-case-study")
router.register("posts", texts.PostViewSet, "api-post")
router.register("working-copies/case-studies", copies.CaseStudyCopyViewSet, "api-case-study-copy")
router.register("working-copies/posts", copies.PostCopyViewSet, "api-post-copy")
router.register("model-versions", machine.ModelVersionViewSet, "api-model-version")
router.register("deployments", machine.DeploymentViewSet, "api-deployment")
router.register("monitors", machine.MonitorViewSet, "api-monitor")
router.register("alerts", machine.AlertViewSet, "api-alert")
router.register("predictions", machine.PredictionViewSet, "api-prediction")
router.register("policies", routing.PolicyViewSet, "api-policy")
router.register("targets", routing.TargetViewSet, "api-target")
router.register("decisions", routing.DecisionViewSet, "api-decision")

urlpatterns = [
    path("models/", switches.ModelsView.as_view(), name="api-models"),
    path("models/<slug:model>/predict/", machine.PredictView.as_view(), name="api-predict"),
    path("route/", routing.RouteView.as_view(), name="api-route"),
    path("status/", status.StatusView.as_view(), name="api-status"),
    path("models/<slug:model>/", switches.ModelView.as_view(), name="api-model"),
    path("models/<slug:model>/promote/", switches.PromoteView.as_view(), name="api-promote"),
    path("models/<slug:model>/roll-back/", switches.RollBackView.as_view(), name="api-roll-back"),
    path("models/<slug:model>/canary/", switches.CanaryView.as_view(), name="api-canary"),
    path("models/<slug:model>/shadow/", switches.ShadowView.as_view(), name="api-shadow"),
    path("models/<slug:model>/stop/", switches.StopView.as_view(), name="api-stop"),
    path("collect/", work.CollectView.as_view(), name="api-collect"),
    path("", include(router.urls)),
    re_path(r"^[\s\S]+\Z", NotHereView.as_view()),  # a line break in an address, too
]
