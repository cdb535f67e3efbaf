"""Who gets into the admin, and how sure we are of it: second factor, fresh confirmation, roles, login throttling."""
