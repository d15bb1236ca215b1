"""Rules as pure folds, and the Faust agents that give each of them its own table."""
