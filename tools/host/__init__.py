"""A real PostgreSQL, a real pgBackRest and `sonae-agent` on this machine; S3 and EventBridge are moto's."""
