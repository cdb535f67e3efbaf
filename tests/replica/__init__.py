"""A strict loopback replica of GitHub for tests, benchmarks and `make demo-github`.

It executes any valid GraphQL query against GitHub's own published schema over a data set made up here or derived
from a git mirror, and enforces the limits that GitHub documents, so that a client that passes here has obeyed them.
Nothing in it is imported by the application, and it shares no code with the client that it judges.
"""
