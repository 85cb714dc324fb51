"""The running engine told to others and steered by them: MQTT and Home Assistant, InfluxDB, webhooks."""
