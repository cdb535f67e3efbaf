"""Outside systems in plain Python, no Django: git mirrors, GitHub, webhooks."""
