"""The outside world on loopback: a broker, fed by a market made from a seed or by days out of a file."""
