"""What the stages say to each other: events, topics, the book and its parameters. Imports nothing of ours."""
