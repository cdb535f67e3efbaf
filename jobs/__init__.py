"""Durable background work: Job rows are the truth, Celery carries their ids."""
