"""How every stage reaches Kafka: addresses, clients, topics. Knows the schemas and no stage."""
