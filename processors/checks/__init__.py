"""What every rule must keep, checked over a made-up market: for authors, in seconds, without Kafka."""
