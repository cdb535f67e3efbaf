"""What sort of change a change is: rules that always exist, and a trained classifier that says how sure it is."""
