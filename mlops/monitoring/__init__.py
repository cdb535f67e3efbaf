"""Drift, calibration, latency, errors; rules and alerts."""
