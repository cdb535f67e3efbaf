"""Settings by place: base is shared; embedded, production and test say what differs."""
