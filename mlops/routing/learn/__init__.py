"""Learned quality: how much the dearer target gains on a prompt. sklearn is imported by workers only."""
