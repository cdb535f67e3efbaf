"""The model platform. It knows nothing of changes or claims."""
