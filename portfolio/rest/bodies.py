"""What a request sends: exactly the types of the schema, so that a slip is told and not guessed at."""

from typing import Any

from rest_framework import serializers

# Of JSON. Every other field takes what it is sent and says itself what is wrong with it.
TYPES: tuple[tuple[tuple[type[Any], ...], tuple[type, ...], str], ...] = (
    ((serializers.BooleanField,), (bool,), "true or false"),
    ((serializers.IntegerField, serializers.PrimaryKeyRelatedField), (int,), "a whole number"),
    ((serializers.FloatField,), (int, float), "a number"),
    ((serializers.CharField, serializers.ChoiceField, serializers.DateField), (str,), "a text"),
)


class Exact(serializers.Serializer[Any]):
    """A body as the schema has it, since a slip that is passed over is found late.

    DRF reads 0 as false, "3" as 3 and 5 as "5", and leaves out what it does not know: a misspelt field would be lost.
    """

    def to_internal_value(self, data: Any) -> Any:
        if isinstance(data, dict):
            wrong: dict[str, Any] = {
                name: found
                for name, field in self.fields.items()
                if name in data and (found := misfits(field, data[name])) is not None
            }
            known = ", ".join(self.fields)
            for name in data.keys() - self.fields.keys():
                wrong[name] = [serializers.ErrorDetail(f"Unknown here. Known: {known}.", code="unknown_field")]
            if wrong:
                raise serializers.ValidationError(wrong)
        return super().to_internal_value(data)


def misfits(field: Any, value: Any) -> Any:
    """What of the value is of another type than its field, in the shape of DRF's errors, or None."""
    if value is None:  # whether it may be is the field's own question
        return None
    if isinstance(field, serializers.ListField) and isinstance(value, list):
        return _inside(field.child, dict(enumerate(value)))
    if isinstance(field, serializers.DictField) and isinstance(value, dict):
        return _inside(field.child, value)
    for kinds, types, words in TYPES:
        if isinstance(field, kinds):
            fits = type(value) in types or (int in types and isinstance(value, float) and value.is_integer())
            return None if fits else [serializers.ErrorDetail(f"This is {words} in JSON.", code="invalid_type")]
    return None


def _inside(child: Any, values: dict[Any, Any]) -> dict[str, Any] | None:
    return {str(at): found for at, each in values.items() if (found := misfits(child, each)) is not None} or None
