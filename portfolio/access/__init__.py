"""Who may call the API: keys with scopes, and the memory that makes a repeated POST harmless."""
