"""The subject: one chat, delivered four ways."""
