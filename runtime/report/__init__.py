"""What a run came to, as people and programs read it: on the terminal, as JSON, as one HTML file."""
