"""Assumptions, simulation, currency gate, calibration."""
