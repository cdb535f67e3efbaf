"""Soak of the whole product: visitors, deliveries and background work while its servers are killed at random."""
