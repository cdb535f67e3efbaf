"""From changes to reports, one stage after another."""
