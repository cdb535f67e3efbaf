"""Handlers for tests of the job system: an app that only workers started by tests install."""
