"""The REST API under /api/v1/: a kit (problems, keys, pages, conditions) and one module a family of resources."""
