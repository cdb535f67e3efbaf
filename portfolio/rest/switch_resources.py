"""What of each model is live, and the switches: promote, roll back, canary, shadow, stop.

A switch answers to what its caller read of the model: without If-Match it is 428, and where somebody else has switched
meanwhile 412. The gates hold here as everywhere; a refusal is 409 and says why.
"""

from typing import Any

from django.db import transaction
from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework import serializers
from rest_framework.renderers import JSONRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from mlops import queries, services
from mlops.queries import Deployment, LiveModel, ModelVersion
from portfolio.access.models import Scope
from portfolio.rest import conditions
from portfolio.rest.idempotency import once
from portfolio.rest.machine_resources import DeploymentSerializer, ReasonSerializer
from portfolio.rest.parameters import IF_MATCH
from portfolio.rest.problems import Problem
from portfolio.rest.views import ApiView


class LiveSerializer(serializers.Serializer[Any]):
    """A model and what of it is live now; null where nothing plays that part."""

    model = serializers.CharField()
    purpose = serializers.CharField(allow_blank=True)
    champion = serializers.CharField(help_text="Name of the version that answers")
    since = serializers.DateTimeField()
    challenger = serializers.CharField(allow_null=True)
    share = serializers.FloatField(help_text="The challenger's share of the requests")
    shadow = serializers.CharField(allow_null=True)
    inputs = serializers.ListField(child=serializers.CharField(), help_text="Names that each row of a prediction has")


def _live(row: LiveModel) -> dict[str, Any]:
    return {
        "model": row.model, "purpose": row.purpose, "champion": row.champion.name, "since": row.since,
        "challenger": row.challenger.name if row.challenger else None, "share": row.share,
        "shadow": row.shadow.name if row.shadow else None, "inputs": list(queries.input_names(row.model)),
    }  # fmt: skip


def _one(model: str) -> dict[str, Any]:
    for row in queries.live_models():
        if row.model == model:
            return _live(row)
    raise Problem(404, "not_found", "No such model runs here.", "List them under /api/v1/models/.")


class ModelsView(ApiView):
    """The models that run here."""

    parameters = frozenset({"format"})

    @extend_schema(operation_id="models", summary="List models", responses=LiveSerializer(many=True))
    def get(self, request: Request) -> Response:
        return Response([_live(row) for row in queries.live_models()])


class ModelView(ApiView):
    """What plays which part of this model, and the names that its rows have; its ETag is what a switch asks for."""

    parameters = frozenset({"format"})

    @extend_schema(operation_id="model", summary="Read what of a model is live", responses=LiveSerializer)
    def get(self, request: Request, model: str) -> Response:
        return Response(_one(model))


class VersionSerializer(ReasonSerializer):
    """Which version shall play the part, and why."""

    version = serializers.PrimaryKeyRelatedField(queryset=ModelVersion.objects.all(), help_text="Version's id")


class CanarySerializer(VersionSerializer):
    """Which version shall answer which share of the requests, and why."""

    share = serializers.FloatField(min_value=0.0001, max_value=0.9999)


class StopSerializer(ReasonSerializer):
    """Which part shall end, and why."""

    role = serializers.ChoiceField(choices=["challenger", "shadow"])


class SwitchView(ApiView):
    """One switch. A subclass gives ``body`` and ``switch``."""

    scope_required = Scope.MODELS
    body: type[ReasonSerializer] = VersionSerializer
    role = "champion"

    def post(self, request: Request, model: str) -> Response:
        asked = self.body(data=request.data)
        asked.is_valid(raise_exception=True)
        return once(request, lambda: self._switch(model, asked.validated_data))

    def _switch(self, model: str, asked: dict[str, Any]) -> Response:
        if "version" in asked and asked["version"].model != model:
            raise serializers.ValidationError({"version": f"This is a version of {asked['version'].model}."})
        role = asked.get("role", self.role)
        try:
            with transaction.atomic():
                serial = queries.serial_of(model, role)  # before what is compared: a switch after it is noticed
                conditions.require_match(self.request, conditions.tag_of(JSONRenderer().render(_one(model))))
                row = self.switch(model, {**asked, "serial": serial, "actor": self.request.user})
        except services.SwitchedMeanwhile as lost:
            raise Problem(412, "precondition_failed", str(lost), "Read the model again.") from lost
        except services.DeploymentRefused as refused:
            raise Problem(409, "not_allowed", str(refused), "Read the version's gates and the history.") from refused
        return Response(DeploymentSerializer(row).data)

    def switch(self, model: str, given: dict[str, Any]) -> Deployment:
        raise NotImplementedError


def described(operation: str, summary: str, request: type[ReasonSerializer]) -> Any:
    """What the schema says of a switch."""
    return extend_schema(
        operation_id=operation, summary=summary, request=request, parameters=[IF_MATCH], responses=DeploymentSerializer
    )


@extend_schema_view(post=described("promote", "Promote a version to champion", VersionSerializer))
class PromoteView(SwitchView):
    """Make a version the champion; it passes the gates or is refused."""

    def switch(self, model: str, given: dict[str, Any]) -> Deployment:
        return services.promote(**given)


@extend_schema_view(post=described("roll_back", "Roll a model back", ReasonSerializer))
class RollBackView(SwitchView):
    """Put the champion before the present one back."""

    body = ReasonSerializer

    def switch(self, model: str, given: dict[str, Any]) -> Deployment:
        return services.roll_back(model=model, **given)


@extend_schema_view(post=described("canary", "Start a canary", CanarySerializer))
class CanaryView(SwitchView):
    """Let a version answer a share of the requests."""

    body = CanarySerializer
    role = "challenger"

    def switch(self, model: str, given: dict[str, Any]) -> Deployment:
        return services.canary(**given)


@extend_schema_view(post=described("shadow", "Start a shadow", VersionSerializer))
class ShadowView(SwitchView):
    """Let a version answer along, unheard."""

    role = "shadow"

    def switch(self, model: str, given: dict[str, Any]) -> Deployment:
        return services.shadow(**given)


@extend_schema_view(post=described("stop", "End a canary or a shadow", StopSerializer))
class StopView(SwitchView):
    """End a canary or a shadow."""

    body = StopSerializer

    def switch(self, model: str, given: dict[str, Any]) -> Deployment:
        row = services.stop(model=model, **given)
        if row is None:
            raise Problem(409, "not_possible", "Nobody plays this part.", "Read the model first.")
        return row
