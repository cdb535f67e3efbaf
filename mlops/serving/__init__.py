"""Load a version, predict, log; champion, challenger, shadow, canary, rollback."""
