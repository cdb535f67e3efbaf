"""Live demos: each runs the code that the site itself runs, on what the visitor gives it. No answer is canned."""
