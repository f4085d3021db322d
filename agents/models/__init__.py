"""Doors to models, one provider each: translate, send, translate back; no retries, no environment, no knowledge of tasks or tools."""
