"""The engine on the gateway: asyncio around the pure core."""
