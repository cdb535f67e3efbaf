"""The record of the running system and of its build: samples, figures with receipts."""
