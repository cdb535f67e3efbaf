"""`make audit`: the running site in a real browser, and the dependencies. Results go to var/build/audit.json."""
