"""The suite: unit mirrors the code; integration, faults and e2e run against real servers."""
