"""How others add to pawdesk: see docs/plugins.md."""
