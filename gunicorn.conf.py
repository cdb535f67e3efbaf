"""What gunicorn reads by itself wherever it is started in this folder; its other options stand on its command lines."""

# The longest that it takes. A longer address is answered by its own bare 400; no form of the site can make one.
limit_request_line = 8190
