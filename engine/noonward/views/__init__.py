"""The running engine as JSON, with the sentences for people: what the API answers and what is told by MQTT."""
